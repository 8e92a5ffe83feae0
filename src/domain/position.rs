//! Positions: one stored system of coordinates, conversions to its neighbours, and what is near.

use geo::{Distance, Haversine, Point};
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Semi-major axis of the Krasovsky 1940 ellipsoid that GCJ-02 is drawn on, in metres.
const A: f64 = 6_378_245.0;
/// Square of its eccentricity.
const EE: f64 = 0.006_693_421_622_965_943;
/// What BD-09 turns by.
const BAIDU_TURN: f64 = std::f64::consts::PI * 3000.0 / 180.0;

/// A place on earth in GCJ-02, the system that China's maps are drawn in. Degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    lon: f64,
    lat: f64,
}

impl Position {
    /// From GCJ-02 degrees; none where there is no such place on earth.
    pub fn new(lon: f64, lat: f64) -> Option<Self> {
        let there = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        there.then_some(Self { lon, lat })
    }

    /// From WGS-84 degrees, as satellites and telephones say them.
    pub fn from_wgs84(lon: f64, lat: f64) -> Option<Self> {
        Self::new(lon, lat)?;
        let (east, north) = shift(lon, lat);
        Self::new(lon + east, lat + north)
    }

    /// From BD-09 degrees, as Baidu says them.
    pub fn from_bd09(lon: f64, lat: f64) -> Option<Self> {
        Self::new(lon, lat)?;
        let (x, y) = (lon - 0.0065, lat - 0.006);
        let z = x.hypot(y) - 0.000_02 * (y * BAIDU_TURN).sin();
        let theta = y.atan2(x) - 0.000_003 * (x * BAIDU_TURN).cos();
        Self::new(z * theta.cos(), z * theta.sin())
    }

    /// Degrees of longitude in GCJ-02.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees of latitude in GCJ-02.
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// The way along the ground, in metres.
    pub fn distance_m(self, other: Self) -> f64 {
        Haversine.distance(
            Point::new(self.lon, self.lat),
            Point::new(other.lon, other.lat),
        )
    }

    /// The point on the unit sphere. Between two of these the straight line grows with the way
    /// along the ground; between two pairs of degrees it does not.
    fn unit(self) -> [f64; 3] {
        let (lon, lat) = (self.lon.to_radians(), self.lat.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    }
}

/// How far GCJ-02 lies from WGS-84 at this WGS-84 place, in degrees; nothing outside of China.
fn shift(lon: f64, lat: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    if !(72.004..=137.8347).contains(&lon) || !(0.8293..=55.8271).contains(&lat) {
        return (0.0, 0.0);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let sine = |amount: f64, turn: f64| amount * (turn * PI).sin() * 2.0 / 3.0;
    let common = sine(20.0, 6.0 * x) + sine(20.0, 2.0 * x);
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt();
    let north = north + common + sine(20.0, y) + sine(40.0, y / 3.0);
    let north = north + sine(160.0, y / 12.0) + sine(320.0, y / 30.0);
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt();
    let east = east + common + sine(20.0, x) + sine(40.0, x / 3.0);
    let east = east + sine(150.0, x / 12.0) + sine(300.0, x / 30.0);
    let lat_rad = lat.to_radians();
    let magic = 1.0 - EE * lat_rad.sin().powi(2);
    let root = magic.sqrt();
    let north = north * 180.0 / (A * (1.0 - EE) / (magic * root) * PI);
    let east = east * 180.0 / (A / root * lat_rad.cos() * PI);
    (east, north)
}

/// Finds what is nearest, exactly, in microseconds.
#[derive(Clone, Debug)]
pub struct Nearest<T> {
    tree: RTree<GeomWithData<[f64; 3], (Position, T)>>,
}

impl<T> Default for Nearest<T> {
    fn default() -> Self {
        Self { tree: RTree::new() }
    }
}

impl<T> Nearest<T> {
    /// An index of these things at their places.
    pub fn new(things: Vec<(Position, T)>) -> Self {
        let leaves = things
            .into_iter()
            .map(|(at, thing)| GeomWithData::new(at.unit(), (at, thing)));
        Self {
            tree: RTree::bulk_load(leaves.collect()),
        }
    }

    /// The `count` nearest with their distance in metres, nearest first.
    pub fn nearest(&self, at: Position, count: usize) -> impl Iterator<Item = (&T, f64)> {
        self.tree
            .nearest_neighbor_iter(at.unit())
            .take(count)
            .map(move |leaf| (&leaf.data.1, at.distance_m(leaf.data.0)))
    }

    /// All of them, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.tree.iter().map(|leaf| &leaf.data.1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VECTORS: &str = include_str!("../../tests/data/coords.csv");

    #[test]
    fn conversions_agree_with_the_published_vectors() {
        let mut read = 0;
        for line in VECTORS.lines().skip(1) {
            let mut parts = line.rsplit(',');
            parts.next();
            let numbers: Vec<f64> = parts.by_ref().take(6).map(|n| n.parse().unwrap()).collect();
            let &[bd_lat, bd_lon, gcj_lat, gcj_lon, wgs_lat, wgs_lon] = numbers.as_slice() else {
                panic!("{line}");
            };
            let near = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).hypot(b - d) < 1e-8;
            let position = Position::from_wgs84(wgs_lon, wgs_lat).unwrap();
            assert!(
                near((position.lon(), position.lat()), (gcj_lon, gcj_lat)),
                "{line}"
            );
            let back = Position::from_bd09(bd_lon, bd_lat).unwrap();
            assert!(back.distance_m(position) < 1.0, "{line}");
            read += 1;
        }
        assert_eq!(read, 11);
    }

    #[test]
    fn places_that_do_not_exist_are_no_positions() {
        for (lon, lat) in [
            (f64::NAN, 0.0),
            (181.0, 0.0),
            (0.0, -90.1),
            (f64::INFINITY, 1.0),
        ] {
            assert!(Position::new(lon, lat).is_none() && Position::from_wgs84(lon, lat).is_none());
        }
    }

    fn somewhere() -> impl Strategy<Value = Position> {
        (-180.0..180.0, -90.0..90.0).prop_map(|(lon, lat)| Position { lon, lat })
    }

    proptest! {
        #[test]
        fn the_nearest_are_the_nearest(
            things in proptest::collection::vec(somewhere(), 1..60),
            at in somewhere(),
        ) {
            let index = Nearest::new(things.iter().map(|place| (*place, ())).collect());
            let found: Vec<f64> = index.nearest(at, 5).map(|((), metres)| metres).collect();
            let mut all: Vec<f64> = things.iter().map(|place| at.distance_m(*place)).collect();
            all.sort_by(f64::total_cmp);
            prop_assert_eq!(found.len(), all.len().min(5));
            for (found, right) in found.iter().zip(&all) {
                prop_assert!((found - right).abs() < 0.01, "{} {}", found, right);
            }
        }
    }
}
