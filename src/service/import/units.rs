//! The units of a building, as ledgers write them into one cell.

use crate::domain::plain_text::{key, place_name};

/// What parts the units of one cell.
const SEPARATORS: [char; 8] = [';', '；', '、', ',', '，', '/', '／', '\n'];
/// Units that a range may stand for.
const RANGE_MAX: u32 = 60;
/// What units are called; a number before the last of them shares its word: 1、2单元.
const WORDS: [&str; 5] = ["单元", "号梯", "梯", "门", "座"];

/// The units that a cell names, in its order, or why that cannot be known.
pub(super) fn read(cell: &str) -> Result<Vec<String>, String> {
    let mut units = Vec::new();
    for part in cell.split(SEPARATORS) {
        for unit in blank_parted(part)? {
            units.extend(range(&unit)?);
        }
    }
    share_word(&mut units);
    for (at, unit) in units.iter().enumerate() {
        if units[..at].iter().any(|before| key(before) == key(unit)) {
            return Err(format!("the unit {unit} stands there twice"));
        }
    }
    Ok(units)
}

/// The units of a part that blanks may part: 1单元 2单元 is two, 1 单元 is one.
fn blank_parted(part: &str) -> Result<Vec<String>, String> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let whole = place_name(part);
    let is_whole = |word: &&str| {
        let word = place_name(word);
        WORDS
            .iter()
            .any(|unit| word.len() > unit.len() && word.ends_with(unit))
    };
    if words.len() > 1 && words.iter().all(is_whole) {
        return Ok(words.into_iter().map(place_name).collect());
    }
    let ends_with_word = WORDS.iter().any(|unit| whole.ends_with(unit));
    if ends_with_word && words.len() > 2 {
        return Err(format!(
            "{whole:?} may be one unit or several; part units with a comma"
        ));
    }
    Ok(Some(whole)
        .filter(|whole| !whole.is_empty())
        .into_iter()
        .collect())
}

/// The units of a part: 1-3单元 is three.
fn range(part: &str) -> Result<Vec<String>, String> {
    let (numbers, word) = match WORDS.iter().find(|word| part.ends_with(**word)) {
        Some(word) => (part.strip_suffix(word).unwrap_or_default(), *word),
        None => (part, ""),
    };
    if let Some(count) = numbers.strip_suffix('个') {
        return Err(format!(
            "{part:?} says how many units there are; name them, like 1单元;{count}单元"
        ));
    }
    let ends = numbers.split_once(['-', '~', '～', '至', '到']);
    let number = |text: &str| {
        let bare = text.strip_suffix(word).unwrap_or(text);
        let digits = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        bare.parse::<u32>().ok().filter(|_| digits)
    };
    let Some((first, last)) = ends.and_then(|(first, last)| Some((number(first)?, number(last)?)))
    else {
        return Ok(vec![part.to_owned()]);
    };
    if word.is_empty() {
        return Err(format!(
            "{part:?} may be one unit or several; write {first}-{last}单元, or each unit"
        ));
    }
    if first >= last || last - first >= RANGE_MAX {
        return Err(format!("{part:?} is no range of units"));
    }
    Ok((first..=last)
        .map(|number| format!("{number}{word}"))
        .collect())
}

/// 1、2、3单元 is 1单元, 2单元 and 3单元.
fn share_word(units: &mut [String]) {
    let mut word = "";
    for unit in units.iter_mut().rev() {
        if let Some(own) = WORDS.iter().find(|word| unit.ends_with(**word)) {
            word = own;
        } else if unit.chars().count() <= 2 && unit.chars().all(needs_word) {
            unit.push_str(word);
        }
    }
}

/// Whether a unit is named by signs like this one, with its word behind them.
fn needs_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "东南西北中左右前后甲乙丙丁一二三四五六七八九十".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_ledgers_write_them() {
        for (cell, units) in [
            ("1单元;2单元", "1单元|2单元"),
            (
                "1单元；2单元、3单元,4单元，5单元/6单元\n7单元",
                "1单元|2单元|3单元|4单元|5单元|6单元|7单元",
            ),
            ("1-3单元", "1单元|2单元|3单元"),
            ("1单元-3单元", "1单元|2单元|3单元"),
            ("１～２单元；4 单元", "1单元|2单元|4单元"),
            ("1、2、3单元", "1单元|2单元|3单元"),
            ("A/B座", "A座|B座"),
            ("东、西单元", "东单元|西单元"),
            ("一、二单元", "一单元|二单元"),
            ("1单元 2单元　3单元", "1单元|2单元|3单元"),
            ("1 单元", "1单元"),
            ("Block A", "Block A"),
            ("东;西", "东|西"),
            ("1;2", "1|2"),
            ("", ""),
            (" ; ", ""),
        ] {
            assert_eq!(
                read(cell).map(|units| units.join("|")).as_deref(),
                Ok(units),
                "{cell}"
            );
        }
    }

    #[test]
    fn units_that_may_be_several_things_are_not_guessed() {
        for wrong in [
            "1单元;1单元",
            "1单元;１ 单元",
            "1-3",
            "3个单元",
            "1 2 3单元",
            "1单元 2 单元",
            "3-1单元",
            "1-400单元",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
