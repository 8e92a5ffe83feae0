use proptest::prelude::*;

use super::*;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

#[test]
fn hours_are_read_as_people_write_them() {
    for (written, canonical) in [
        ("24/7", "Mo-Su 00:00-24:00"),
        ("全天", "Mo-Su 00:00-24:00"),
        ("08:00-17:00", "Mo-Su 08:00-17:00"),
        (
            "Mo-Fr 08:00-11:30,13:00-17:00; Sa 09:00-12:00",
            "Mo-Fr 08:00-11:30,13:00-17:00; Sa 09:00-12:00; Su off",
        ),
        (
            "周一至周五 08:00-11:30，13:00－17:00",
            "Mo-Fr 08:00-11:30,13:00-17:00; Sa-Su off",
        ),
        ("每天８：００—１１：３０", "Mo-Su 08:00-11:30"),
        ("周六日 9:00-12:00", "Mo-Fr off; Sa-Su 09:00-12:00"),
        (
            "Mo-Su 08:00-17:00; We off",
            "Mo-Tu 08:00-17:00; We off; Th-Su 08:00-17:00",
        ),
        ("22:00-02:00", "Mo-Su 22:00-02:00"),
        ("off", "Mo-Su off"),
        // As the operators of test sites wrote them in 2022.
        (
            "7：00-10：00；17:00-21：00",
            "Mo-Su 07:00-10:00,17:00-21:00",
        ),
        (
            "周一至周日;7:30—10:30 ；13:00—16:00",
            "Mo-Su 07:30-10:30,13:00-16:00",
        ),
        ("周一------周日;7：00-11:：00", "Mo-Su 07:00-11:00"),
        ("周一到周日；24小时", "Mo-Su 00:00-24:00"),
        ("周一至周日;8:00-次日8：00", "Mo-Su 08:00-08:00"),
        (
            "上午8:00-11:30 下午1:30-4:30",
            "Mo-Su 08:00-11:30,13:30-16:30",
        ),
        (
            "8:00--11.00      14.00---17:00",
            "Mo-Su 08:00-11:00,14:00-17:00",
        ),
        ("（工作日）9:00-11:30", "Mo-Fr 09:00-11:30; Sa-Su off"),
        (
            "周一、三、五 8点-11点半；周末 休息",
            "Mo 08:00-11:30; Tu off; We 08:00-11:30; Th off; Fr 08:00-11:30; Sa-Su off",
        ),
        (
            "星期五至星期一 全天，周三 08:00 - 23:59",
            "Mo 00:00-24:00; Tu off; We 08:00-24:00; Th off; Fr-Su 00:00-24:00",
        ),
        ("Monday-fri 8:00-9:00", "Mo-Fr 08:00-09:00; Sa-Su off"),
        ("7:00-15:00；15:00-23:00", "Mo-Su 07:00-23:00"),
    ] {
        let hours = Hours::read(written).unwrap_or_else(|_| panic!("{written}"));
        assert_eq!(hours.to_string(), canonical, "{written}");
        assert_eq!(Hours::read(canonical), Ok(hours));
    }
}

#[test]
fn hours_are_read_as_spreadsheets_and_notices_write_them() {
    for (written, canonical) in [
        ("周一至周五：8:00-17:00", "Mo-Fr 08:00-17:00; Sa-Su off"),
        ("Mo-Fr: 08:00-17:00", "Mo-Fr 08:00-17:00; Sa-Su off"),
        (
            "上午：8:00-11:30 下午：1:30-5:00",
            "Mo-Su 08:00-11:30,13:30-17:00",
        ),
        ("8:00:00-17:00:00", "Mo-Su 08:00-17:00"),
        ("8:00 AM-5:00 PM", "Mo-Su 08:00-17:00"),
        ("8am-12pm, 1:30 p.m.-5pm", "Mo-Su 08:00-12:00,13:30-17:00"),
        ("早8:00-晚8:00", "Mo-Su 08:00-20:00"),
        ("早8点-晚12点", "Mo-Su 08:00-24:00"),
        ("中午12:00-14:00", "Mo-Su 12:00-14:00"),
        ("中午12:00-2:00", "Mo-Su 12:00-14:00"),
        ("星期1-5 8:00-17:00", "Mo-Fr 08:00-17:00; Sa-Su off"),
        (
            "周1、3、5 8:00-9:00",
            "Mo 08:00-09:00; Tu off; We 08:00-09:00; Th off; Fr 08:00-09:00; Sa-Su off",
        ),
        ("周1至周5 8点-9点", "Mo-Fr 08:00-09:00; Sa-Su off"),
        ("全年无休 8:00-17:00", "Mo-Su 08:00-17:00"),
        ("8:00-17:00（全年无休）", "Mo-Su 08:00-17:00"),
        ("晚上10:00-次日2:00", "Mo-Su 22:00-02:00"),
        ("\u{202d}8:00\u{200b}-17:00\u{202c}", "Mo-Su 08:00-17:00"),
    ] {
        let hours = Hours::read(written).unwrap_or_else(|_| panic!("{written}"));
        assert_eq!(hours.to_string(), canonical, "{written}");
        assert_eq!(Hours::read(canonical), Ok(hours));
    }
}

#[test]
fn what_may_mean_several_hours_is_refused() {
    for wrong in [
        "",
        "soon",
        "8-9",
        "08:00",
        "25:00-26:00",
        "08:61-09:00",
        "Xx 08:00-09:00",
        "周八 08:00-09:00",
        "周一至周五",
        "周一-08:00",
        "08:00-",
        "-08:00",
        "08:00 09:00",
        "14:00-17；00",
        "晚上10:00-2:00",
        "休息 12:00-13:00",
        "全年无休",
        "周一至周五 8:00-17:00 全年无休",
        "8:00-17:00（节假日除外）",
        "8:00:30-17:00",
        "8:00-11:30,1:30-5:00",
        "上午8:00-11:30,1:30-5:00",
        "8:00-12:00、2:00-5:00",
        "周末休息",
        "周六休息",
        "早8:00-5:00",
        "晚2点-晚4点",
        "13pm-5pm",
        "下午8am-9am",
        ":8:00-9:00",
        "8:00-:9:00",
        "8:00-11:30 休息",
        "7:00-23:00本周五起开放",
        "Mo-Fr 08:00-17:00; PH off",
        "1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00,11:00-12:00,13:00-14:00",
    ] {
        assert_eq!(Hours::read(wrong), Err(HoursError), "{wrong}");
    }
}

#[test]
fn open_now_knows_lunch_night_and_weekend() {
    // 2026-09-14 is a Monday.
    let office = Hours::read("Mo-Fr 08:00-11:30,13:00-17:00").unwrap();
    let night = Hours::read("Fr 22:00-02:00").unwrap();
    let open = |until: &str| OpenState::Open {
        until: Some(at(until)),
    };
    let closed = |opens: &str| OpenState::Closed {
        opens: Some(at(opens)),
    };
    for (hours, now, state) in [
        (&office, "2026-09-14 08:00", open("2026-09-14 11:30")),
        (&office, "2026-09-14 11:30", closed("2026-09-14 13:00")),
        (&office, "2026-09-18 17:00", closed("2026-09-21 08:00")),
        (&night, "2026-09-18 23:00", open("2026-09-19 02:00")),
        (&night, "2026-09-19 01:59", open("2026-09-19 02:00")),
        (&night, "2026-09-19 02:00", closed("2026-09-25 22:00")),
    ] {
        assert_eq!(hours.state(at(now)), state, "{now}");
    }
    let always = Hours::read("24/7").unwrap();
    assert_eq!(
        always.state(at("2026-09-19 02:00")),
        OpenState::Open { until: None }
    );
    let never = Hours::read("off").unwrap();
    assert_eq!(
        never.state(at("2026-09-19 02:00")),
        OpenState::Closed { opens: None }
    );
}

#[test]
fn long_written_hours_are_read_back() {
    let days = "一二三四五六日"
        .chars()
        .enumerate()
        .map(|(at, day)| format!("周{day}{at}点-8点,10点-11点,13点-14点,"));
    let said = days.collect::<Vec<_>>().concat();
    let hours = Hours::read(&said).unwrap();
    let written = hours.to_string();
    assert!(written.chars().count() > TEXT_CHARS_MAX, "{written}");
    assert_eq!(Hours::stored(&written), Ok(hours));
    let endless = "08:00-09:00,".repeat(100);
    assert_eq!(Hours::stored(&endless), Err(HoursError));
}

proptest! {
    #[test]
    fn written_hours_are_read_back_equal(
        text in ".*|((周一|周六日|Mo|Sa-Tu|每天|;|,|-|下午|全天|off|[0-2]?[0-9]:[0-5][0-9]-[0-2]?[0-9]:[0-5][0-9]) ?){0,9}",
    ) {
        if let Ok(hours) = Hours::read(&text) {
            let _ = hours.state(at("2026-09-19 02:00"));
            prop_assert_eq!(Hours::stored(&hours.to_string()), Ok(hours));
        }
    }
}
