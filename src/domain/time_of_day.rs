//! Times of day as settings and imports write them.

use chrono::NaiveTime;

use super::plain_text::dense;

/// Signs of a time at most.
const TIME_CHARS_MAX: usize = 12;
/// The end of a day.
const DAY_END: &str = "24:00";

/// Reads `07:30`, `7:30` or `07:30:00`.
pub fn read(text: &str) -> Option<NaiveTime> {
    let written = dense(text, TIME_CHARS_MAX);
    let whole = written
        .strip_suffix(":00")
        .filter(|rest| rest.contains(':'));
    NaiveTime::parse_from_str(whole.unwrap_or(&written), "%H:%M").ok()
}

/// Reads the time at which a day ends, as [`read`] does. 24:00 is the midnight behind the day and
/// comes back as 00:00: what ends before it begins ends on the next day.
pub fn read_end(text: &str) -> Option<NaiveTime> {
    match dense(text, TIME_CHARS_MAX).as_str() {
        DAY_END | "24:00:00" => Some(NaiveTime::MIN),
        _ => read(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_seconds() {
        let half_past = NaiveTime::from_hms_opt(7, 30, 0);
        for text in ["07:30", "7:30", "07:30:00", "７：３０"] {
            assert_eq!(read(text), half_past, "{text}");
        }
        for wrong in ["", "7", "24:00", "07:60", "07:30:15", "7:3:0:0"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read_end("24:00"), Some(NaiveTime::MIN));
        assert_eq!(read_end("02:00"), NaiveTime::from_hms_opt(2, 0, 0));
        assert_eq!(read_end("25:00"), None);
    }
}
