//! How different two colours look: CIEDE2000 (ISO/CIE 11664-6) over sRGB.

/// The difference between two colours in sRGB; 0 for equal ones, about 1 for ones that a person can just tell apart.
pub(super) fn difference(one: [u8; 3], other: [u8; 3]) -> f64 {
    of_lab(lab(one), lab(other))
}

/// A colour of sRGB (IEC 61966-2-1) in CIELAB under D65.
fn lab(color: [u8; 3]) -> [f64; 3] {
    let [red, green, blue] = color.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    let cube = |part: f64| {
        if part > 216.0 / 24389.0 { part.cbrt() } else { (24389.0 / 27.0 * part + 16.0) / 116.0 }
    };
    let x = cube((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
    let y = cube(0.2126729 * red + 0.7151522 * green + 0.0721750 * blue);
    let z = cube((0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The formula, with the names that the standard gives its terms.
pub(super) fn of_lab(one: [f64; 3], other: [f64; 3]) -> f64 {
    let [l1, a1, b1] = one;
    let [l2, a2, b2] = other;
    let chroma7 = ((a1.hypot(b1) + a2.hypot(b2)) / 2.0).powi(7);
    let g = 0.5 * (1.0 - (chroma7 / (chroma7 + 25f64.powi(7))).sqrt());
    let (a1, a2) = (a1 * (1.0 + g), a2 * (1.0 + g));
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue =
        |a: f64, b: f64| if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).to_degrees().rem_euclid(360.0) };
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let turn = match h2 - h1 {
        _ if c1 * c2 == 0.0 => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let mean_h = match (h1 + h2, (h1 - h2).abs()) {
        (sum, _) if c1 * c2 == 0.0 => sum,
        (sum, apart) if apart <= 180.0 => sum / 2.0,
        (sum, _) if sum < 360.0 => (sum + 360.0) / 2.0,
        (sum, _) => (sum - 360.0) / 2.0,
    };
    let (mean_l, mean_c) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
    let cosine = |degrees: f64| degrees.to_radians().cos();
    let t =
        1.0 - 0.17 * cosine(mean_h - 30.0) + 0.24 * cosine(2.0 * mean_h) + 0.32 * cosine(3.0 * mean_h + 6.0)
            - 0.20 * cosine(4.0 * mean_h - 63.0);
    let light = (mean_l - 50.0).powi(2);
    let s_l = 1.0 + 0.015 * light / (20.0 + light).sqrt();
    let s_c = 1.0 + 0.045 * mean_c;
    let s_h = 1.0 + 0.015 * mean_c * t;
    let mean_c7 = mean_c.powi(7);
    let r_c = 2.0 * (mean_c7 / (mean_c7 + 25f64.powi(7))).sqrt();
    let rotation = 60.0 * (-((mean_h - 275.0) / 25.0).powi(2)).exp();
    let r_t = -rotation.to_radians().sin() * r_c;
    let l = (l2 - l1) / s_l;
    let c = (c2 - c1) / s_c;
    let h = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin() / s_h;
    (l * l + c * c + h * h + r_t * c * h).max(0.0).sqrt()
}
