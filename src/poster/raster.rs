//! A drawing as dots: PNG with its resolution written in, so that it prints in its true size.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use usvg::Tree;

use super::{Error, MM_PER_INCH, engine};

/// Signature and header chunk; what says the resolution may stand behind them (PNG, 5.6).
const HEADER_BYTES: usize = 8 + 25;

/// The drawing on white, one unit a millimetre.
pub(super) fn png(tree: &Tree, dpi: u32) -> Result<Vec<u8>, Error> {
    let mut dots = dots(tree, dpi).ok_or_else(|| engine("size in dots"))?;
    dots.fill(Color::WHITE);
    let scale = Transform::from_scale(
        to_f32(dots.width()) / tree.size().width(),
        to_f32(dots.height()) / tree.size().height(),
    );
    resvg::render(tree, scale, &mut dots.as_mut());

    let rgb: Vec<u8> = dots
        .data()
        .chunks_exact(4)
        .flat_map(|rgba| [rgba[0], rgba[1], rgba[2]])
        .collect();
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&rgb, dots.width(), dots.height(), ExtendedColorType::Rgb8)
        .map_err(|error| engine(&error.to_string()))?;
    png.splice(HEADER_BYTES..HEADER_BYTES, resolution(dpi));
    Ok(png)
}

fn dots(tree: &Tree, dpi: u32) -> Option<Pixmap> {
    let size = tree
        .size()
        .scale_by(to_f32(dpi) / MM_PER_INCH)?
        .to_int_size();
    Pixmap::new(size.width(), size.height())
}

/// The chunk that says how many dots make a metre (PNG, 11.3.4.3).
fn resolution(dpi: u32) -> Vec<u8> {
    let per_metre = (dpi * 10_000 + 127) / 254;
    let mut body = b"pHYs".to_vec();
    body.extend(per_metre.to_be_bytes());
    body.extend(per_metre.to_be_bytes());
    body.push(1);

    let mut chunk = vec![0, 0, 0, 9];
    chunk.extend(&body);
    chunk.extend(crc(&body).to_be_bytes());
    chunk
}

/// The check of a chunk (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "dots of a sheet are few enough to be exact"
)]
fn to_f32(dots: u32) -> f32 {
    dots as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_of_a_chunk_is_the_standards() {
        // The empty end chunk, which closes every PNG file.
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn three_hundred_dots_per_inch_are_11811_per_metre() {
        assert_eq!(resolution(300)[8..12], 11_811_u32.to_be_bytes());
    }
}
