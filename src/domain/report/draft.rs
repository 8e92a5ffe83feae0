//! A draft: the words of a form, read with every mistake at once.

use chrono::{Days, NaiveDate};

use super::companions::{self, COMPANIONS_MAX};
use super::{Direction, Field, Mistake, Refusal};
use crate::domain::campaign::Campaign;
use crate::domain::person::{
    AreaCode, Name, NameError, Passport, Phone, PhoneError, ResidentId, ResidentIdError, Room,
    RoomError, Text, TextError,
};
use crate::domain::plain_text::{self, dense};
use crate::domain::plate;
use crate::domain::region::{Gazetteer, Reading, RegionId};

/// How many days back a resident may still report.
const DAYS_BACK_MAX: u64 = 14;
/// How many days ahead a resident may report.
const DAYS_AHEAD_MAX: u64 = 14;
/// Length of a place in the resident's own words, in characters.
const REGION_CHARS_MAX: usize = 60;
/// Length of the name of a proxy reporter, in characters.
const PROXY_CHARS_MAX: usize = 60;
/// Length of a note, in characters.
const NOTE_CHARS_MAX: usize = 300;

/// Signs of a day, a choice, papers and a direction that are looked at, so that an
/// endless text costs nothing.
const DAY_CHARS_MAX: usize = 20;
const PICK_CHARS_MAX: usize = 20;
const IDENTITY_CHARS_MAX: usize = 60;
const DIRECTION_CHARS_MAX: usize = 20;

/// The words of a form, exactly as they were typed.
#[derive(Clone, Debug, Default)]
pub struct Answers<'a> {
    /// `return` or `leave`.
    pub direction: &'a str,
    /// Where from, or where to.
    pub region: &'a str,
    /// The number of a region that was chosen from several; empty where none was.
    pub region_pick: &'a str,
    /// The words about which the page has already asked *which one?*; it asks once.
    pub region_asked: &'a str,
    /// The day of travel, `YYYY-MM-DD`.
    pub day: &'a str,
    /// The room.
    pub room: &'a str,
    /// The reporter's name.
    pub name: &'a str,
    /// The reporter's telephone.
    pub phone: &'a str,
    /// How many come along; empty means as many as are named.
    pub companions: &'a str,
    /// The names of those who come along, parted by 、 or a comma; empty where not given.
    pub companion_names: &'a str,
    /// Resident identity number or passport; empty where not given.
    pub identity: &'a str,
    /// Number plate; empty where not given.
    pub vehicle: &'a str,
    /// Anything else; empty where not given.
    pub note: &'a str,
    /// The proxy reporter; empty where people report for themselves.
    pub proxy: &'a str,
    /// Whether the telephone is to be enough: the community asks for the rest.
    pub phone_only: bool,
}

/// The resident's papers, where given.
#[derive(Clone, Debug)]
pub enum Identity {
    /// 居民身份证
    Resident(ResidentId),
    /// A passport.
    Passport(Passport),
}

impl Identity {
    /// The number as written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Resident(id) => id.as_str(),
            Self::Passport(passport) => passport.as_str(),
        }
    }
}

/// A report that can be taken as it stands.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which way.
    pub direction: Direction,
    /// The region, where the words named exactly one.
    pub region: Option<RegionId>,
    /// The place in the resident's own words.
    pub region_said: String,
    /// The day of travel.
    pub day: NaiveDate,
    /// The room, where the telephone was not to be enough.
    pub room: Option<Room>,
    /// Who, where the telephone was not to be enough.
    pub name: Option<Name>,
    /// How to reach them.
    pub phone: Phone,
    /// The reporter and all who come along.
    pub persons: u16,
    /// Those who come along, as far as they are named.
    pub companion_names: Vec<Name>,
    /// Papers, where given.
    pub identity: Option<Identity>,
    /// Number plate, where given.
    pub vehicle: Option<String>,
    /// Anything else, where given.
    pub note: Option<String>,
    /// The proxy reporter.
    pub proxy: Option<String>,
}

/// Collects mistakes while the fields that are right are kept.
#[derive(Default)]
struct Reader(Refusal);

impl Reader {
    fn take<T>(&mut self, field: Field, read: Result<T, Mistake>) -> Option<T> {
        read.map_err(|mistake| self.0.mistakes.push((field, mistake)))
            .ok()
    }

    /// Answers to questions that the form does not ask are not stored.
    fn refuse_what_is_not_asked(&mut self, answers: &Answers<'_>, campaign: &Campaign) {
        for (field, said) in [
            (Field::Companions, answers.companions),
            (Field::CompanionNames, answers.companion_names),
            (Field::Identity, answers.identity),
            (Field::Vehicle, answers.vehicle),
            (Field::Note, answers.note),
            (Field::Proxy, answers.proxy),
        ] {
            if !said.trim().is_empty() && !campaign.asks(field) {
                self.0.mistakes.retain(|(wrong, _)| *wrong != field);
                self.0.mistakes.push((field, Mistake::NotAsked));
            }
        }
    }
}

/// Nothing, where nothing was said and nothing is owed.
fn unless_owed<T>(owed: bool, read: Result<T, Mistake>) -> Result<Option<T>, Mistake> {
    match read {
        Err(Mistake::Missing) if !owed => Ok(None),
        read => read.map(Some),
    }
}

impl Draft {
    /// Reads the whole form; what comes back is either right in every field, or names every
    /// mistake at once. `today` is the city's day. A resident who leaves only a telephone says
    /// nothing else; other answers must still be right. A landline without
    /// an area code is one of the city with `area_code`.
    pub fn read(
        answers: &Answers<'_>,
        gazetteer: &Gazetteer,
        today: NaiveDate,
        campaign: &Campaign,
        area_code: Option<&AreaCode>,
    ) -> Result<Self, Refusal> {
        let mut reader = Reader::default();
        let owed = !answers.phone_only;
        let direction = unless_owed(owed, read_direction(answers.direction));
        let direction = reader.take(Field::Direction, direction);
        let region = unless_owed(owed, read_region(answers, gazetteer));
        let region = reader.take(Field::Region, region);
        let day = unless_owed(owed, read_day(answers.day, today));
        let day = reader.take(Field::Day, day);
        let room = Room::read(answers.room).map_err(Mistake::from);
        let room = reader.take(Field::Room, unless_owed(owed, room));
        let name = Name::read(answers.name).map_err(Mistake::from);
        let name = reader.take(Field::Name, unless_owed(owed, name));
        let phone = reader.take(
            Field::Phone,
            Phone::read_near(answers.phone, area_code).map_err(Mistake::from),
        );
        let count = reader.take(Field::Companions, companions::count(answers.companions));
        let named = companions::names(answers.companion_names, count.flatten());
        let named = reader.take(Field::CompanionNames, named);
        let identity = reader.take(Field::Identity, read_identity(answers.identity));
        let vehicle = plate::read(answers.vehicle).map_err(Mistake::from);
        let vehicle = reader.take(Field::Vehicle, vehicle);
        let note = reader.take(Field::Note, optional(answers.note, NOTE_CHARS_MAX));
        let proxy = reader.take(Field::Proxy, optional(answers.proxy, PROXY_CHARS_MAX));
        reader.refuse_what_is_not_asked(answers, campaign);
        let all = (|| {
            let (region, region_said) = region?.unwrap_or_default();
            let named = named?;
            let counted = count?.map_or(named.len(), usize::from);
            Some(Self {
                direction: direction?.unwrap_or(Direction::Unsaid),
                region,
                region_said,
                day: day?.unwrap_or(today),
                room: room?,
                name: name?,
                phone: phone?,
                persons: 1 + u16::try_from(counted).unwrap_or(COMPANIONS_MAX),
                companion_names: named,
                identity: identity?,
                vehicle: vehicle?,
                note: note?,
                proxy: proxy?,
            })
        })();
        if reader.0.mistakes.is_empty() {
            all.ok_or(reader.0)
        } else {
            Err(reader.0)
        }
    }

    /// Whether the community has to ask for more: the direction, the room, the name or the place.
    pub fn is_incomplete(&self) -> bool {
        self.direction == Direction::Unsaid
            || self.room.is_none()
            || self.name.is_none()
            || self.region_said.is_empty()
    }
}

fn read_direction(word: &str) -> Result<Direction, Mistake> {
    let word = dense(word, DIRECTION_CHARS_MAX);
    let mut offered = Direction::OFFERED.into_iter();
    match offered.find(|way| way.code() == word) {
        Some(direction) => Ok(direction),
        None if word.is_empty() => Err(Mistake::Missing),
        None => Err(Mistake::Malformed),
    }
}

/// Words that we do not know are kept as said: no resident is refused for a gap in the list.
fn read_region(
    answers: &Answers<'_>,
    gazetteer: &Gazetteer,
) -> Result<(Option<RegionId>, String), Mistake> {
    let said = Text::read(answers.region, REGION_CHARS_MAX).map_err(Mistake::from)?;
    if said.contains('\n') {
        return Err(Mistake::Characters);
    }
    if said.is_empty() {
        return Err(Mistake::Missing);
    }
    match gazetteer.read(&said) {
        Reading::One(region) => Ok((Some(region), said)),
        Reading::Unknown => Ok((None, said)),
        Reading::Several(regions) => {
            let picked = dense(answers.region_pick, PICK_CHARS_MAX);
            let picked = picked.parse().ok().map(RegionId);
            match picked.filter(|pick| regions.contains(pick)) {
                Some(pick) => Ok((Some(pick), said)),
                None if plain_text::visible(answers.region_asked).trim() == said => {
                    Ok((None, said))
                }
                None => Err(Mistake::Ambiguous(regions)),
            }
        }
    }
}

fn read_day(word: &str, today: NaiveDate) -> Result<NaiveDate, Mistake> {
    let word = dense(word, DAY_CHARS_MAX);
    if word.is_empty() {
        return Err(Mistake::Missing);
    }
    let Ok(day) = NaiveDate::parse_from_str(&word, "%Y-%m-%d") else {
        return Err(Mistake::Malformed);
    };
    if day < today - Days::new(DAYS_BACK_MAX) || day > today + Days::new(DAYS_AHEAD_MAX) {
        return Err(Mistake::OutOfRange);
    }
    Ok(day)
}

/// Eighteen signs that begin with a digit are meant as a resident identity number, so its check
/// digit is held; everything else may be a passport.
fn read_identity(word: &str) -> Result<Option<Identity>, Mistake> {
    let word = dense(word, IDENTITY_CHARS_MAX);
    if word.is_empty() {
        return Ok(None);
    }
    match ResidentId::read(&word) {
        Ok(id) => Ok(Some(Identity::Resident(id))),
        Err(_) if word.chars().count() < 15 => Passport::read(&word)
            .map(|passport| Some(Identity::Passport(passport)))
            .or(Err(Mistake::Malformed)),
        Err(mistake) => Err(mistake.into()),
    }
}

fn optional(word: &str, chars_max: usize) -> Result<Option<String>, Mistake> {
    let text = Text::read(word, chars_max).map_err(Mistake::from)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

impl From<NameError> for Mistake {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Missing => Self::Missing,
            NameError::TooLong => Self::TooLong,
            NameError::Characters => Self::Characters,
        }
    }
}

impl From<RoomError> for Mistake {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::Missing => Self::Missing,
            RoomError::TooLong => Self::TooLong,
            RoomError::Characters => Self::Characters,
        }
    }
}

impl From<PhoneError> for Mistake {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::Missing => Self::Missing,
            PhoneError::Malformed => Self::Malformed,
        }
    }
}

impl From<TextError> for Mistake {
    fn from(error: TextError) -> Self {
        match error {
            TextError::TooLong => Self::TooLong,
            TextError::Characters => Self::Characters,
        }
    }
}

impl From<ResidentIdError> for Mistake {
    fn from(_: ResidentIdError) -> Self {
        Self::Malformed
    }
}

#[cfg(test)]
mod tests;
