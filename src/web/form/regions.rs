//! Places to choose from while a resident types: every name with its readings and the script that
//! finds them, as one file under the hash of what is in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use crate::domain::reading;
use crate::domain::region::Gazetteer;
use crate::service::App;
use crate::web::http::page_context::stripped;
use crate::web::http::request::takes_brotli;
use crate::web::http::response::packed;

const SCRIPT: &str = include_str!("../../../assets/static/regions.js");
/// Browsers keep a file whose name contains the hash of its content for a year, in seconds.
const KEPT: &str = "public, max-age=31536000, immutable";

/// The latest file.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    made: Mutex<Option<Arc<File>>>,
}

#[derive(Debug)]
struct File {
    fingerprint: u64,
    plain: Bytes,
    packed: Bytes,
}

impl Regions {
    fn file(&self, gazetteer: &Gazetteer) -> Arc<File> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let fingerprint = gazetteer.fingerprint();
        let current = made.as_ref().filter(|file| file.fingerprint == fingerprint);
        if let Some(file) = current {
            return Arc::clone(file);
        }
        let plain = text(gazetteer);
        let file = Arc::new(File {
            fingerprint,
            packed: packed(plain.as_bytes()).into(),
            plain: plain.into(),
        });
        Arc::clone(made.insert(file))
    }
}

/// The address of the file of these regions. It changes with every name in the file.
pub(crate) fn address(gazetteer: &Gazetteer) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("/regions/{version}-{:x}.js", gazetteer.fingerprint())
}

/// `GET /regions/{file}`
#[utoipa::path(get, path = "/regions/{file}", responses((status = 200)))]
pub(crate) async fn file(
    request: HttpRequest,
    app: web::Data<App>,
    regions: web::Data<Regions>,
) -> HttpResponse {
    let atlas = app.atlas();
    let file = regions.file(&atlas.gazetteer);
    let mut response = HttpResponse::Ok();
    // A request under an older name gets the current file, which the browser does not keep.
    let named = request.path() == address(&atlas.gazetteer);
    response
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((VARY, "accept-encoding"))
        .insert_header((CACHE_CONTROL, if named { KEPT } else { "no-cache" }));
    if takes_brotli(&request) {
        response.insert_header((CONTENT_ENCODING, "br"));
        response.body(file.packed.clone())
    } else {
        response.body(file.plain.clone())
    }
}

fn text(gazetteer: &Gazetteer) -> String {
    let mut names = String::new();
    let mut signs = BTreeSet::new();
    for (depth, region) in gazetteer.outline() {
        let english = region.english.iter().map(|name| format!("|{name}"));
        let english: String = english.collect();
        // Writing to a text does not fail.
        let _ = writeln!(names, "{:depth$}{}{english}", "", region.name);
        signs.extend(region.name.chars());
    }
    let mut characters = String::new();
    for sign in signs {
        if let Some(read) = reading::of_character(sign) {
            characters.push(sign);
            characters.push_str(read);
        }
    }
    let listed: Vec<(&str, String)> = reading::LISTED
        .iter()
        .map(|(name, read)| (*name, read.join(" ")))
        .collect();
    let data = serde_json::json!({
        "names": names.trim_end(), "characters": characters, "listed": listed,
    });
    format!("{}({data});", stripped(SCRIPT))
}
