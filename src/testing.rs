//! The parts of the program that its own tests and benchmarks use, in the modules where they live.
//! Every other module is private to the crate, so the compiler reports what nothing uses.
#![expect(missing_docs, reason = "the modules are described where they live")]

pub mod config {
    pub use crate::config::Config;
}
pub mod csv_table {
    pub use crate::csv_table::{Mistake, read};
}
pub mod domain {
    pub mod area {
        pub use crate::domain::area::{AreaId, Level};
    }
    pub mod code {
        pub use crate::domain::code::Code;
    }
    pub mod listing {
        pub use crate::domain::listing::{Filter, ListQuery, Listing, Order};
    }
    pub mod place {
        pub use crate::domain::place::{Placard, PlacardState};
    }
    pub mod position {
        pub use crate::domain::position::{Nearest, Position};
    }
    pub mod queue {
        pub use crate::domain::queue::QueueId;
    }
    pub mod staff {
        pub use crate::domain::staff::{Role, Scope, StaffId};
    }
    pub mod totals {
        pub use crate::domain::totals::Totals;
    }
    pub mod webhook {
        pub use crate::domain::webhook::{Events, Kind, WebhookId};
    }
}
pub mod http_client {
    pub use crate::http_client::builder;
}
pub mod poster {
    pub use crate::poster::{
        DPI_MAX, DPI_MIN, Error, Paper, Poster, missing_glyphs, pdf, png, svg,
    };
}
pub mod qr {
    pub use crate::qr::{Level, QUIET_ZONE, Symbol};
}
pub mod run {
    pub use crate::run::{Running, build, serve};
}
pub mod service {
    pub use crate::service::App;
    pub mod chain {
        pub use crate::service::chain::{Broken, LoggedHead, Verified, verify};
    }
    pub mod cleanup {
        pub use crate::service::cleanup::sweep_ended;
    }
    pub mod digest {
        pub use crate::service::digest::{of, page};
    }
    pub mod escalation {
        pub use crate::service::escalation::escalate;
    }
    pub mod handover {
        pub use crate::service::handover::{HandedOver, HandoverError, let_go};
    }
    pub mod import {
        pub use crate::service::import::{ImportError, Imported, Table, import_table};
    }
    pub mod listing {
        pub use crate::service::listing::view;
    }
    pub mod open_cases {
        pub use crate::service::open_cases::CaseProjection;
    }
    pub mod people {
        pub use crate::service::people::{take_back, take_on};
    }
    pub mod places {
        pub use crate::service::places::{issue_placards, reload, revoke_placard};
    }
    pub mod webhook {
        pub use crate::service::webhook::{
            Wanted, WebhookError, add, delivery_stats, list, remove, replay, set_active, test,
        };
        pub mod signature {
            pub use crate::service::webhook::signature::{dingtalk, standard};
        }
    }
}
pub mod store {
    pub use crate::store::{Conn, Error, Tx};
    pub mod journal {
        pub use crate::store::journal::{after, reached};
    }
    pub mod lease {
        pub use crate::store::lease::{Lease, give_back, prolong, take};
    }
    pub mod report {
        pub use crate::store::report::orphaned;
    }
    pub mod tally {
        pub use crate::store::tally::{of_day, recount};
    }
}
pub mod verb {
    pub use crate::verb::demo::story::tell as tell_demo;
}
pub mod web {
    pub use crate::web::registered;
}
