//! `mashang staff`

use anyhow::{Context, Result};

use super::{Settings, leave};
use crate::domain::staff::Role;
use crate::service::{App, handover, people};

/// What `staff` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Take somebody on; prints a password that works until they have chosen their own
    Add {
        /// What they type to sign in
        login: String,
        /// What colleagues read
        #[arg(long)]
        name: String,
        /// `grid_worker`, `community_lead`, `duty_officer`, `admin` or `auditor`
        #[arg(long)]
        role: String,
        /// The official code of the area that they work for
        #[arg(long)]
        area: String,
    },
    /// List everybody
    List,
    /// Print a new one-time password and end all sign-ins of a person
    Password {
        /// Their login
        login: String,
    },
    /// Let somebody go; their sign-ins end at once, and what they have in hand waits in its queue
    Disable {
        /// Their login
        login: String,
        /// The login of a colleague who takes over what they may see of it
        #[arg(long, value_name = "LOGIN")]
        hand_over_to: Option<String>,
    },
    /// Take somebody back
    Enable {
        /// Their login
        login: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let app = arguments.settings.app().await?;
    let done = act(&app, arguments.what).await;
    leave(&app).await;
    done
}

async fn act(app: &App, what: What) -> Result<()> {
    let nobody = "there is nobody with this login";
    match what {
        What::Add {
            login,
            name,
            role,
            area,
        } => {
            let role = Role::from_code(&role).context("there is no such role")?;
            let atlas = app.atlas();
            let area = atlas.tree.areas().find(|known| known.code == area);
            let area = area.context("there is no area with this code")?.id;
            let taken = people::take_on(app, (&login, &name), (role, area)).await;
            println!("{login}\t{}", taken.context("the login may be taken")?);
        }
        What::List => {
            let atlas = app.atlas();
            for person in people::everybody(app).await? {
                let area = atlas
                    .tree
                    .get(person.area)
                    .map_or("", |area| area.name.as_str());
                println!(
                    "{}\t{}\t{}\t{area}",
                    person.login,
                    person.role.code(),
                    person.name
                );
            }
        }
        What::Password { login } => {
            let password = people::reset_password(app, &login).await.context(nobody)?;
            println!("{login}\t{password}");
        }
        What::Disable {
            login,
            hand_over_to,
        } => {
            let gone = handover::let_go(app, &login, hand_over_to.as_deref()).await?;
            println!(
                "{login}\t{} handed over\t{} back in the queue",
                gone.to_colleague, gone.to_queue
            );
        }
        What::Enable { login } => people::take_back(app, &login).await.context(nobody)?,
    }
    Ok(())
}
