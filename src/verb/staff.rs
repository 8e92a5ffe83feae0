//! `mashang staff`

use anyhow::{Context, Result};

use super::Settings;
use super::output::say;
use crate::domain::staff::Role;
use crate::service::{App, audit, handover, people};

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
    /// Add a person; prints a password that works until they have chosen their own
    Add {
        /// The name that they sign in with
        login: String,
        /// The name that colleagues read
        #[arg(long)]
        name: String,
        /// `grid_worker`, `community_lead`, `duty_officer`, `admin` or `auditor`
        #[arg(long)]
        role: String,
        /// The official code of the area that they work for
        #[arg(long)]
        area: String,
    },
    /// List all staff
    List,
    /// Print a new one-time password and end all sign-ins of a person
    Password {
        /// Their login
        login: String,
    },
    /// Let a person go; their sign-ins end at once, and their reports wait in their queues again
    Disable {
        /// Their login
        login: String,
        /// The login of a colleague who takes over the reports that they may see
        #[arg(long, value_name = "LOGIN")]
        hand_over_to: Option<String>,
    },
    /// Take a person back
    Enable {
        /// Their login
        login: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let what = arguments.what;
    (arguments.settings)
        .with_app(async |app: &App| act(app, what).await)
        .await
}

async fn act(app: &App, what: What) -> Result<()> {
    let missing = "no staff member has this login";
    match what {
        What::Add {
            login,
            name,
            role,
            area,
        } => {
            let role = Role::from_code(&role).with_context(|| {
                let known: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
                format!(
                    "there is no role {role:?}; the roles are {}",
                    known.join(", ")
                )
            })?;
            let atlas = app.atlas();
            let area = atlas.tree.areas().find(|known| known.code == area);
            let area = area.context("there is no area with this code")?.id;
            let taken = people::take_on(app, &login, &name, role, area).await;
            let password = taken.context("the login may be taken")?;
            say(format_args!("{login}\t{password}"))?;
        }
        What::List => {
            audit::command_run(app, "staff list");
            let atlas = app.atlas();
            for person in people::list(app).await? {
                let area = atlas
                    .tree
                    .get(person.area)
                    .map_or("", |area| area.name.as_str());
                say(format_args!(
                    "{}\t{}\t{}\t{area}",
                    person.login,
                    person.role.code(),
                    person.name
                ))?;
            }
        }
        What::Password { login } => {
            let password = people::reset_password(app, &login).await.context(missing)?;
            say(format_args!("{login}\t{password}"))?;
        }
        What::Disable {
            login,
            hand_over_to,
        } => {
            let gone = handover::let_go(app, &login, hand_over_to.as_deref()).await?;
            say(format_args!(
                "{login}\t{} handed over\t{} back in the queue",
                gone.to_colleague, gone.to_queue
            ))?;
        }
        What::Enable { login } => people::take_back(app, &login).await.context(missing)?,
    }
    Ok(())
}
