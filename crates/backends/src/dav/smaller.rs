//! Photos made smaller, for servers that take no large cards. What a photo shows stays, upright as its EXIF data has it.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};

/// The longer side of the largest photo that is tried, in pixels, and of the smallest: less shows nobody.
const LARGEST: u32 = 1_600;
const SMALLEST: u32 = 48;

/// Photos that are larger, when they are unpacked, are left as they are.
const MOST_BYTES: u64 = 256 << 20;

const QUALITY: u8 = 85;

/// Smaller and smaller ones of a photo, as JPEG; none of what is no photo that can be read.
pub(super) fn photos(photo: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let image = read(photo);
    let largest = image.as_ref().map_or(0, |image| image.width().max(image.height())).min(LARGEST);
    let sides = std::iter::successors(Some(largest), |side| Some(side / 4 * 3));
    let sides = sides.take_while(|side| *side >= SMALLEST);
    sides.filter_map(move |side| {
        let image = image.as_ref()?;
        let is_large = image.width().max(image.height()) > side;
        write(&if is_large { image.thumbnail(side, side) } else { image.clone() })
    })
}

fn read(photo: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(photo)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    image.apply_orientation(orientation);
    Some(image)
}

/// As JPEG, which knows no transparency: what shines through is white.
fn write(image: &DynamicImage) -> Option<Vec<u8>> {
    let image = image.to_rgba8();
    let mut opaque = RgbImage::new(image.width(), image.height());
    for (to, from) in opaque.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let over_white =
            |color: u16| u8::try_from((color * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        to.0 = [red, green, blue].map(over_white);
    }
    let mut bytes = Vec::new();
    opaque.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgba, RgbaImage};

    use super::*;

    fn encoded(image: RgbaImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = DynamicImage::from(image);
        match format {
            ImageFormat::Jpeg => image.to_rgb8().write_to(&mut bytes, format).unwrap(),
            _ => image.write_to(&mut bytes, format).unwrap(),
        }
        bytes.into_inner()
    }

    #[test]
    fn a_photo_of_any_format_becomes_smaller_and_smaller_and_keeps_its_shape() {
        let noise =
            |x: u32, y: u32| Rgba([(x * 37 % 251) as u8, (y * 91 % 241) as u8, (x * y % 239) as u8, 255]);
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp] {
            let photo = encoded(RgbaImage::from_fn(600, 400, noise), format);
            let smaller: Vec<Vec<u8>> = photos(&photo).collect();
            let sides: Vec<(u32, u32)> =
                smaller.iter().map(|it| read(it).unwrap()).map(|it| (it.width(), it.height())).collect();
            assert_eq!(sides[..3], [(600, 400), (450, 300), (336, 224)], "{format:?}");
            assert!(sides.last().unwrap().0 >= SMALLEST);
            assert!(smaller.is_sorted_by(|one, next| one.len() > next.len()), "{format:?}");
        }
    }

    #[test]
    fn what_shines_through_is_white() {
        let photo = encoded(RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0])), ImageFormat::Png);
        let image = read(&photos(&photo).next().unwrap()).unwrap().to_rgb8();
        assert!(image.pixels().all(|pixel| pixel.0.iter().all(|color| *color > 250)));
    }

    #[test]
    fn what_is_no_photo_or_a_bomb_becomes_nothing() {
        let mut bomb = encoded(RgbaImage::new(1, 1), ImageFormat::Bmp);
        // Width and height (BITMAPINFOHEADER).
        bomb[18..22].copy_from_slice(&60_000_u32.to_le_bytes());
        bomb[22..26].copy_from_slice(&60_000_u32.to_le_bytes());
        for none in [&b""[..], b"GIF89a", b"\xff\xd8\xff", b"no photo", &bomb] {
            assert_eq!(photos(none).count(), 0, "{none:?}");
        }
    }
}
