//! Forms, right and wrong.

use proptest::prelude::*;

use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 9, 1).unwrap()
}

fn complete() -> Answers<'static> {
    Answers {
        direction: "return",
        region: "某地",
        day: "2022-09-01",
        room: "1203",
        name: "王示例",
        phone: "13800000000",
        ..Answers::default()
    }
}

fn read(answers: &Answers<'_>) -> Result<Draft, Refusal> {
    Draft::read(
        answers,
        &Gazetteer::default(),
        today(),
        &Campaign::default(),
        None,
    )
}

fn wrong(answers: &Answers<'_>) -> Vec<(Field, Mistake)> {
    read(answers).map_or_else(|refusal| refusal.mistakes, |_| Vec::new())
}

#[test]
fn travel_day_is_valid_and_within_two_weeks() {
    for (day, mistake) in [
        ("2022-09-15", None),
        ("2022-08-18", None),
        (" 2022-09-02 ", None),
        ("2022-09-16", Some(Mistake::OutOfRange)),
        ("2022-08-17", Some(Mistake::OutOfRange)),
        ("2022-02-30", Some(Mistake::Malformed)),
        ("+262142-12-31", Some(Mistake::OutOfRange)),
        ("1.9.2022", Some(Mistake::Malformed)),
        ("", Some(Mistake::Missing)),
    ] {
        let answers = Answers { day, ..complete() };
        let expected: Vec<_> = mistake.map(|it| (Field::Day, it)).into_iter().collect();
        assert_eq!(wrong(&answers), expected, "{day}");
    }
}

#[test]
fn a_telephone_alone_is_a_report_without_direction() {
    let bare = Answers {
        phone: "13800000000",
        phone_only: true,
        ..Answers::default()
    };
    let draft = read(&bare).unwrap();
    assert!(draft.is_incomplete() && draft.day == today());
    assert_eq!(draft.direction, Direction::Unsaid);
    let unsaid = Answers {
        direction: "unsaid",
        ..complete()
    };
    assert_eq!(wrong(&unsaid), [(Field::Direction, Mistake::Malformed)]);
    let turned = Answers {
        direction: "",
        phone_only: true,
        ..complete()
    };
    assert!(read(&turned).unwrap().is_incomplete());
    let spoilt = Answers {
        room: "!",
        day: "x",
        ..bare.clone()
    };
    let fields: Vec<Field> = wrong(&spoilt).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, [Field::Day, Field::Room]);
    assert!(!read(&complete()).unwrap().is_incomplete());
}

proptest! {
    #[test]
    fn any_input_reads_without_panic(
        said in proptest::collection::vec(".{0,80}|[0-9-]{0,12}", 13),
        phone_only in any::<bool>(),
    ) {
        let answers = Answers {
            direction: &said[0], region: &said[1], region_pick: &said[2],
            region_asked: &said[3], day: &said[4], room: &said[5], name: &said[6],
            phone: &said[7], companions: &said[8], companion_names: &said[12], identity: &said[9], vehicle: &said[10],
            note: &said[11], proxy: &said[6], phone_only,
        };
        let mut fields: Vec<Field> = wrong(&answers).into_iter().map(|(field, _)| field).collect();
        let all = fields.len();
        fields.dedup();
        prop_assert_eq!(fields.len(), all);
    }
}
