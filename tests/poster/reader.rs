//! A sheet as a scanner sees it: drawn by other programs, read by decoders that know nothing of
//! the encoder.

use std::ops::Range;
use std::path::Path;
use std::process::Command;

use image::GrayImage;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use usvg::Tree;

use mashang::testing::qr::{QUIET_ZONE, Symbol};

pub(crate) fn from_png(png: &[u8]) -> GrayImage {
    image::load_from_memory(png).unwrap().to_luma8()
}

pub(crate) fn from_svg(svg: &str, dpi: u16) -> GrayImage {
    // No font is given: what is not an outline would be missing.
    let options = usvg::Options {
        dpi: 25.4,
        ..usvg::Options::default()
    };
    let tree = Tree::from_str(svg, &options).unwrap();
    let scale = f32::from(dpi) / 25.4;
    let size = tree.size().scale_by(scale).unwrap().to_int_size();
    let mut dots = Pixmap::new(size.width(), size.height()).unwrap();
    dots.fill(Color::WHITE);
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut dots.as_mut(),
    );
    let luma = dots.pixels().iter().map(|dot| dot.green()).collect();
    GrayImage::from_raw(size.width(), size.height(), luma).unwrap()
}

/// The pages as a printer would draw them; `None` where there is no pdftoppm.
pub(crate) fn from_pdf(pdf: &[u8], dpi: u32) -> Option<Vec<GrayImage>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poster.pdf");
    std::fs::write(&file, pdf).unwrap();
    let pages = folder.path().join("page");
    tool(
        "pdftoppm",
        &["-r", &dpi.to_string(), "-png"],
        &[&file, &pages],
    )?;
    let mut drawn: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .collect();
    drawn.sort();
    Some(
        drawn
            .iter()
            .map(|path| from_png(&std::fs::read(path).unwrap()))
            .collect(),
    )
}

/// What a program of the system says. A missing one may go unnoticed on a desk, never in CI.
pub(crate) fn tool(name: &str, options: &[&str], files: &[&Path]) -> Option<String> {
    match Command::new(name).args(options).args(files).output() {
        Ok(output) => {
            assert!(output.status.success(), "{name} failed: {output:?}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{name}: {error}");
            eprintln!("skipped: {name}: {error}");
            None
        }
    }
}

pub(crate) fn rqrr(image: &GrayImage) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(
        image.width() as usize,
        image.height() as usize,
        |x, y| image.get_pixel(x as u32, y as u32).0[0],
    );
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "symbols on the sheet");
    grids[0].decode().unwrap().1
}

pub(crate) fn rxing(image: &GrayImage) -> rxing::RXingResult {
    let format = Some(rxing::BarcodeFormat::QR_CODE);
    let (width, height) = image.dimensions();
    rxing::helpers::detect_in_luma(image.as_raw().clone(), width, height, format).unwrap()
}

pub(crate) fn assert_reads(image: &GrayImage, address: &str, what: &str) {
    assert_eq!(rqrr(image), address, "rqrr, {what}");
    assert_eq!(rxing(image).getText(), address, "rxing, {what}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poster.png");
    image.save(&file).unwrap();
    if let Some(said) = tool("zbarimg", &["--quiet", "--raw"], &[&file]) {
        assert_eq!(said.trim_end(), address, "zbarimg, {what}");
    }
}

/// Where the symbol stands, in dots.
pub(crate) struct Found {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) side: f64,
    pub(crate) module: f64,
}

pub(crate) fn find(image: &GrayImage, address: &str) -> Found {
    let result = rxing(image);
    // The corners: upper left and upper right first.
    let [here, right, ..] = result.getPoints() else {
        unreachable!("four corners");
    };
    let side = f64::from(right.x - here.x);
    assert!(side > 0.0, "corners in another order: {result:?}");
    Found {
        left: f64::from(here.x),
        top: f64::from(here.y),
        side,
        module: side / Symbol::encode(address).unwrap().side() as f64,
    }
}

impl Found {
    /// Whether all four modules' width around the symbol is white, but for one dot on either
    /// side that may be rounding.
    pub(crate) fn is_quiet(&self, image: &GrayImage) -> bool {
        let quiet = self.module * QUIET_ZONE as f64 - 1.0;
        let (right, bottom) = (self.left + self.side, self.top + self.side);
        let xs = self.left - quiet..right + quiet;
        let ys = self.top - quiet..bottom + quiet;
        is_white(image, xs.clone(), ys.start..self.top - 2.0)
            && is_white(image, xs.clone(), bottom + 2.0..ys.end)
            && is_white(image, xs.start..self.left - 2.0, ys.clone())
            && is_white(image, right + 2.0..xs.end, ys)
    }
}

pub(crate) fn is_white(image: &GrayImage, xs: Range<f64>, ys: Range<f64>) -> bool {
    (xs.start as u32..xs.end as u32)
        .all(|x| (ys.start as u32..ys.end as u32).all(|y| image.get_pixel(x, y).0[0] == 255))
}
