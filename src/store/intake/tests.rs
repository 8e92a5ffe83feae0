use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::*;
use crate::domain::place::BuildingId;
use crate::domain::report::{Channel, Direction};
use crate::store::report::{Said, amend};
use crate::store::{Conn, Options, Source};

/// More reports than move into the sorted tables at once.
const REPORTS: u128 = 5_000;
const BATCH: usize = 500;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn report(number: u128) -> NewReport {
    let telephone = u8::try_from(number % 100).unwrap();
    NewReport {
        id: ReportId(Uuid::from_u128(number)),
        client_key: Some(key(number)),
        content_hash: [1; 16],
        number: format!("A-{number}"),
        serial: (at().date_naive(), i32::try_from(number).unwrap()),
        queue: QueueId(1),
        placard: None,
        building: BuildingId(1),
        channel: Channel::Api,
        lang: "zh",
        direction: Direction::Return,
        persons: 1,
        region: None,
        travel_day: at().date_naive(),
        received_at: at(),
        tally: (at().date_naive(), 1),
        contact_due_at: at(),
        finish_due_at: at(),
        urgent: None,
        incomplete: false,
        notice_version: String::new(),
        sealed: Vec::new(),
        phone_tag: [telephone; 16],
        room_tag: None,
    }
}

fn key(number: u128) -> KeyHash {
    // As a hash, it has no order in time.
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()
}

async fn filled(folder: &tempfile::TempDir) -> Db {
    let options = Options {
        url: format!("sqlite:{}/a.db", folder.path().display()),
        connections_max: 2,
        busy_after: std::time::Duration::from_mins(5),
    };
    let db = Db::open(&options).await.unwrap();
    let mut intake = IntakeDb::of(&db);
    let reports: Vec<NewReport> = (1..=REPORTS).map(report).collect();
    for some in reports.chunks(BATCH) {
        let wanted = Wanted {
            serials: [(
                (AreaId(1), at().date_naive()),
                i32::try_from(BATCH).unwrap(),
            )]
            .into(),
            ..Wanted::default()
        };
        let rows = Rows {
            entries: Vec::new(),
            reports: some.iter().collect(),
            counts: BTreeMap::new(),
        };
        let work = async |tx: &IntakeTx<'_>| {
            tx.reserve(&wanted).await?;
            tx.insert(rows).await
        };
        intake.write(work).await.unwrap();
    }
    db
}

async fn of_telephone(db: &Db, telephone: u8) -> Vec<u128> {
    let work = move |conn: Conn| async move {
        let filter = crate::store::recent_report::of_phone(conn.inner(), &[telephone; 16]);
        let rows = sea_orm::QueryFilter::filter(entity::report::Entity::find(), filter);
        Ok::<_, Error>(rows.all(conn.inner()).await?)
    };
    let rows = db.read(work).await.unwrap();
    let mut numbers: Vec<u128> = rows.iter().map(|row| row.id.as_u128()).collect();
    numbers.sort_unstable();
    numbers
}

/// guarantee: A telephone and a client's key find every report, the newest ones and those that have
/// moved into the sorted tables
#[tokio::test]
async fn moved_and_recent_reports_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let db = filled(&folder).await;
    let expected: Vec<u128> = (1..=REPORTS).filter(|number| number % 100 == 7).collect();
    assert_eq!(of_telephone(&db, 7).await, expected);
    let keys: Vec<KeyHash> = [1, REPORTS, REPORTS + 1].map(key).to_vec();
    let asked = keys.clone();
    let known = db.read(|conn: Conn| async move { client_key::known(&conn, &asked).await });
    let known = known.await.unwrap();
    let mut intake = IntakeDb::of(&db);
    let lookup = Lookup {
        reports: vec![ReportId(Uuid::from_u128(REPORTS))],
        keys: keys.clone(),
    };
    let found = intake.write(async |tx: &IntakeTx<'_>| tx.find(&lookup).await);
    let found = found.await.unwrap();
    for claimed in [known, found.claimed] {
        let ids = keys
            .iter()
            .map(|key| claimed.get(key).map(|id| id.0.as_u128()));
        assert_eq!(ids.collect::<Vec<_>>(), [Some(1), Some(REPORTS), None]);
    }
    assert_eq!(found.known.len(), 2);
}

/// guarantee: A corrected telephone finds its report, and the wrong one no longer does
#[tokio::test]
async fn corrected_telephone_replaces_the_wrong_one() {
    let folder = tempfile::tempdir().unwrap();
    let db = filled(&folder).await;
    for number in [1, REPORTS] {
        let work = move |tx: Tx| async move {
            let id = ReportId(Uuid::from_u128(number));
            let row = report::anywhere(&tx, id).await?;
            let said = Said {
                direction: Direction::Return,
                persons: 1,
                region: None,
                travel_day: row.travel_day,
                incomplete: false,
                sealed: Vec::new(),
                phone_tag: [200; 16],
                room_tag: None,
                urgent: None,
            };
            amend(&tx, &row, said).await.map(|_| ())
        };
        db.write(work).await.unwrap();
    }
    assert_eq!(of_telephone(&db, 200).await, [1, REPORTS]);
    for (number, telephone) in [(1, 1), (REPORTS, 0)] {
        assert!(!of_telephone(&db, telephone).await.contains(&number));
    }
}

/// What open streams show of a new report does not come from the database.
#[tokio::test]
async fn new_report_is_the_row_that_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let db = filled(&folder).await;
    let read =
        db.write(|tx: Tx| async move { report::anywhere(&tx, ReportId(Uuid::from_u128(7))).await });
    let shown = report::Row::from(self::report(7));
    assert_eq!(format!("{shown:?}"), format!("{:?}", read.await.unwrap()));
}

/// guarantee: A move of clients' keys that fails loses none of them
#[tokio::test]
async fn moves_that_were_not_committed_lose_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let db = filled(&folder).await;
    let mut intake = IntakeDb::of(&db);
    let in_vain = async |tx: &IntakeTx<'_>| match tx {
        IntakeTx::Sqlite(tx) => tx.tidy().and(Err::<(), _>(Error::Conflict)),
        IntakeTx::Postgres(_) => Ok(()),
    };
    for _ in 0..5 {
        assert!(intake.write(in_vain).await.is_err());
    }
    while intake.tidy().await.unwrap() {}
    let keys: Vec<KeyHash> = (1..=REPORTS).map(key).collect();
    let known = db.read(move |conn: Conn| async move { client_key::known(&conn, &keys).await });
    assert_eq!(known.await.unwrap().len() as u128, REPORTS);
}
