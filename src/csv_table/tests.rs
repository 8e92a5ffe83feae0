use super::*;

const COLUMNS: Columns = Columns {
    needed: &["code", "name"],
    known: &["phone", "opens_from", "lon"],
};

fn sheet(text: &str) -> Result<Sheet, Vec<Mistake>> {
    read(text.as_bytes(), COLUMNS)
}

fn wrong(text: &str) -> Vec<String> {
    let mistakes = sheet(text).expect_err(text);
    mistakes.iter().map(Mistake::to_string).collect()
}

fn lines(text: &str) -> Vec<usize> {
    let sheet = sheet(text).unwrap_or_else(|mistakes| panic!("{text:?}: {mistakes:?}"));
    sheet.records.iter().map(|record| record.line).collect()
}

#[test]
fn headings_are_known_without_case_and_blanks_and_others_named() {
    let text = "Code, NAME ,Opens From,coordinate,,Tel\n1,甲,,wgs84,,1\n";
    let sheet = sheet(text).unwrap();
    assert!(sheet.records[0].has("opens_from") && !sheet.records[0].has("phone"));
    assert_eq!(sheet.records[0].get("name"), "甲");
    let named: Vec<_> = sheet.warnings.iter().map(Mistake::to_string).collect();
    assert_eq!(named.len(), 2);
    assert!(
        named[0].contains("\"coordinate\"") && named[1].contains("\"Tel\""),
        "{named:?}"
    );
}

#[test]
fn a_file_without_its_headings_is_told_why() {
    for (text, words) in [
        ("a\n1\n", "headings are missing: code, name"),
        ("", "headings are missing: code, name"),
        ("code;name\n1;甲\n", "semicolons"),
        ("code\tname\n1\t甲\n", "tabs"),
        (
            "崇川区社区表\n\ncode,name\n1,甲\n",
            "the headings stand on line 3",
        ),
        (
            "code,name,name\n1,甲,乙\n",
            "the heading name stands there twice",
        ),
    ] {
        assert!(wrong(text)[0].contains(words), "{text:?} {:?}", wrong(text));
    }
}

#[test]
fn what_a_spreadsheet_leaves_behind_is_passed_over() {
    for (text, found) in [
        ("code,name,phone\n1,甲,\n,,\n,,\n2,乙,\n", vec![2, 5]),
        ("code,name\n\n\n\n1,甲\n", vec![5]),
        ("code,name\n1,甲,\n2,乙,,,\n", vec![2, 3]),
        ("code,name,,\n1,甲,,\n", vec![2]),
        ("code,name\n1,甲\n\u{1a}", vec![2]),
        (",\ncode,name\n\u{a0},\u{3000}\n1,甲\n", vec![4]),
    ] {
        assert_eq!(lines(text), found, "{text:?}");
    }
}

#[test]
fn rows_that_do_not_fit_are_named_with_their_lines() {
    let said = wrong("code,name\n\n1\n2,乙\n3,丙,x\n");
    let wanted = [
        "line 3: 1 cells under 2 headings",
        "line 5: 3 cells under 2 headings",
    ];
    assert_eq!(said, wanted);
    let open = format!("code,name\n1,\"甲\n{}", "2,乙\n".repeat(400));
    assert!(
        wrong(&open)[0].contains("quotation mark"),
        "{:?}",
        wrong(&open)[0]
    );
}

#[test]
fn line_breaks_in_cells_and_empty_lines_count() {
    let text = "code,name\n1,\"x\ny\"\n\n2,x\n3\n";
    for text in [
        text.to_owned(),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\r"),
    ] {
        let whole = text.trim_end_matches(['3', '\r', '\n']);
        assert_eq!(lines(whole), [2, 5], "{text:?}");
        assert_eq!(
            wrong(&text),
            ["line 6: 1 cells under 2 headings"],
            "{text:?}"
        );
    }
}

/// guarantee: What a spreadsheet spoiled is refused in words, never stored
#[test]
fn spoiled_cells_are_refused_and_marks_against_spoiling_read() {
    for cell in [
        "3.20613E+11",
        "5.1385E+10",
        "4.479e+11",
        "3E+11",
        "#N/A",
        "#REF!",
        "########",
        "=A1&B1",
    ] {
        for row in [format!("{cell},甲"), format!("1,{cell}")] {
            let said = wrong(&format!("code,name\n{row}\n"));
            assert!(said.len() == 1 && said[0].contains(cell), "{said:?}");
        }
    }
    for cell in [
        "=\"320613019301\"",
        "\"=\"\"320613019301\"\"\"",
        "'320613019301",
        "３２０６１３０１９３０１",
        "320613019301\u{200b}",
        "\u{202d}320613019301\u{202c}",
    ] {
        let sheet = sheet(&format!("code,name\n{cell},甲\n")).unwrap();
        let code = sheet.records[0].code("code");
        assert_eq!(code.as_deref(), Ok("320613019301"), "{cell}");
    }
    for wrong in ["32061301,9301", "桥北", "32061/3", "a b+c"] {
        let sheet = sheet(&format!("code,name\n\"{wrong}\",甲\n")).unwrap();
        assert!(sheet.records[0].code("code").is_err(), "{wrong}");
    }
}

#[test]
fn a_name_that_became_a_day_is_refused() {
    let name = |text: &str| {
        let sheet = sheet(&format!("code,name\n1,{text}\n")).unwrap();
        sheet.records[0].name("name")
    };
    for wrong in [
        "2-Mar",
        "Mar-03",
        "3月2日",
        "2026年3月2日",
        "2026/3/2",
        "1-Jan-26",
    ] {
        assert!(name(wrong).is_err(), "{wrong}");
    }
    for (written, kept) in [
        ("3-2", "3-2"),
        ("'3-2", "3-2"),
        ("1 号楼", "1号楼"),
        ("３E2", "3E2"),
        ("五月花园", "五月花园"),
        ("乙\u{202d}社区", "乙社区"),
    ] {
        assert_eq!(name(written).as_deref(), Ok(kept), "{written}");
    }
}

#[test]
fn yes_and_no_are_read_as_people_write_them() {
    let flag = |text: &str| {
        let sheet = sheet(&format!("code,name\n甲乙,{text}\n")).unwrap();
        sheet.records[0].flag("name")
    };
    for yes in ["Yes", "TRUE", "y", "是", "√", "1", "１", "启用"] {
        assert_eq!(flag(yes), Ok(Some(true)), "{yes}");
    }
    for no in ["No", "False", "N", "否", "0", "×", "停用"] {
        assert_eq!(flag(no), Ok(Some(false)), "{no}");
    }
    for neither in ["x", "有", "maybe"] {
        assert!(flag(neither).is_err(), "{neither}");
    }
}

/// guarantee: A cell whose quotation mark is never closed is a mistake, with the line where it opens
#[test]
fn open_quotation_mark_is_a_mistake_of_its_line() {
    let wrong = sheet("code,name\n甲,一社区\n乙,\"二社区\n丙,三社区\n").unwrap_err();
    assert_eq!(wrong.iter().map(|one| one.line).collect::<Vec<_>>(), [3]);
    for right in [
        "code,name\n甲,\"一\n社区\"\n",
        "code,name\r\n甲,\"他说\"\"好\"\"\"\r\n乙,五\"管\r\n",
        "\"code\",\"name\"\n\"甲\",\"\"\n",
    ] {
        assert!(sheet(right).is_ok(), "{right}");
    }
}

#[test]
fn spoiled_codes_and_names_are_refused_in_words() {
    let text = "code,name\n320613019310.0,????\nC.1,锟斤拷社区\nC2,-\nC3,3\n";
    let sheet = sheet(text).unwrap();
    let wrong = |at: usize| {
        let record = &sheet.records[at];
        let (code, name) = (record.code("code").err(), record.name("name").err());
        [code, name].map(|wrong| wrong.map(|wrong| wrong.to_string()).unwrap_or_default())
    };
    let [code, name] = wrong(0);
    assert!(code.ends_with("write 320613019310"), "{code}");
    assert!(name.contains("another encoding"), "{name}");
    assert!(wrong(1)[0].is_empty() && wrong(1)[1].contains("another encoding"));
    assert!(wrong(2)[1].contains("no letter"));
    assert_eq!(wrong(3), ["", ""]);
}
