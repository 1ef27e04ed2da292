//! How far two colours are apart for an eye: CIEDE2000.

/// A colour in CIE L*a*b* (D50).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lab {
    /// Lightness, 0 to 100.
    pub l: f64,
    /// Green to red.
    pub a: f64,
    /// Blue to yellow.
    pub b: f64,
}

impl Lab {
    /// From XYZ relative to the D50 white of ICC profiles (ICC.1, 6.3.4.3), where Y of white is 1.
    #[must_use]
    pub fn from_xyz([x, y, z]: [f64; 3]) -> Self {
        let f = |t: f64| {
            const EDGE: f64 = 6.0 / 29.0;
            if t > EDGE * EDGE * EDGE { t.cbrt() } else { t / (3.0 * EDGE * EDGE) + 4.0 / 29.0 }
        };
        let (fx, fy, fz) = (f(x / D50[0]), f(y / D50[1]), f(z / D50[2]));
        Self { l: 116.0 * fy - 16.0, a: 500.0 * (fx - fy), b: 200.0 * (fy - fz) }
    }

    /// The way back.
    #[must_use]
    pub fn to_xyz(self) -> [f64; 3] {
        let f = |t: f64| {
            const EDGE: f64 = 6.0 / 29.0;
            if t > EDGE { t * t * t } else { 3.0 * EDGE * EDGE * (t - 4.0 / 29.0) }
        };
        let fy = (self.l + 16.0) / 116.0;
        [D50[0] * f(fy + self.a / 500.0), D50[1] * f(fy), D50[2] * f(fy - self.b / 200.0)]
    }
}

/// The white of ICC's connection space.
pub(super) const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

/// The colour difference ΔE2000 with all weights 1, as Sharma, Wu and Dalal give it (Color Research and Application
/// 30 (1), 2005).
#[must_use]
pub fn delta_e2000(one: Lab, other: Lab) -> f64 {
    let chroma = |lab: Lab| lab.a.hypot(lab.b);
    let seventh = |c: f64| (c.powi(7) / (c.powi(7) + 25.0_f64.powi(7))).sqrt();
    let g = 0.5 * (1.0 - seventh((chroma(one) + chroma(other)) / 2.0));
    let hue = |lab: Lab| {
        let a = lab.a * (1.0 + g);
        let degrees = if a == 0.0 && lab.b == 0.0 { 0.0 } else { lab.b.atan2(a).to_degrees().rem_euclid(360.0) };
        (a.hypot(lab.b), degrees)
    };
    let ((c1, h1), (c2, h2)) = (hue(one), hue(other));
    let (dl, dc) = (other.l - one.l, c2 - c1);
    let grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if grey => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = ((one.l + other.l) / 2.0, (c1 + c2) / 2.0);
    let h = match h1 + h2 {
        sum if grey => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => (sum + 360.0) / 2.0,
        sum => (sum - 360.0) / 2.0,
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0) - 0.20 * cos(4.0 * h - 63.0);
    let from_fifty = (l - 50.0).powi(2);
    let sl = 1.0 + 0.015 * from_fifty / (20.0 + from_fifty).sqrt();
    let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let theta = 30.0 * (-((h - 275.0) / 25.0).powi(2)).exp();
    let rt = -2.0 * seventh(c) * (2.0 * theta).to_radians().sin();
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 34 pairs of the paper's table 1.
    #[test]
    fn the_published_pairs_come_out_to_four_places() {
        const PAIRS: [([f64; 3], [f64; 3], f64); 34] = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
            ([50.0, 2.8361, -74.0200], [50.0, 0.0, -82.7485], 3.4412),
            ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0),
            ([50.0, -1.1848, -84.8006], [50.0, 0.0, -82.7485], 1.0),
            ([50.0, -0.9009, -85.5211], [50.0, 0.0, -82.7485], 1.0),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, -1.0, 2.0], [50.0, 0.0, 0.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.001], 7.1792),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0012], 7.2195),
            ([50.0, -0.001, 2.49], [50.0, 0.0009, -2.49], 4.8045),
            ([50.0, -0.001, 2.49], [50.0, 0.001, -2.49], 4.8045),
            ([50.0, -0.001, 2.49], [50.0, 0.0011, -2.49], 4.7461),
            ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
            ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
            ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
            ([50.0, 2.5, 0.0], [50.0, 3.1736, 0.5854], 1.0),
            ([50.0, 2.5, 0.0], [50.0, 3.2972, 0.0], 1.0),
            ([50.0, 2.5, 0.0], [50.0, 1.8634, 0.5757], 1.0),
            ([50.0, 2.5, 0.0], [50.0, 3.2592, 0.3350], 1.0),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
            ([63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.2630),
            ([61.2901, 3.7196, -5.3901], [61.4292, 2.2480, -4.9620], 1.8731),
            ([35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645),
            ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
            ([36.4612, 47.8580, 18.3852], [36.2715, 50.5065, 21.2231], 1.4146),
            ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
            ([90.9257, -0.5406, -0.9208], [88.6381, -0.8985, -0.7239], 1.5381),
            ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
            ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for (one, other, wanted) in PAIRS {
            let lab = |[l, a, b]: [f64; 3]| Lab { l, a, b };
            let found = delta_e2000(lab(one), lab(other));
            assert!((found - wanted).abs() < 5e-5, "{one:?} {other:?}: {found}, not {wanted}");
            assert!((delta_e2000(lab(other), lab(one)) - found).abs() < 1e-9);
        }
    }

    #[test]
    fn lab_and_xyz_are_there_and_back() {
        for lab in [Lab { l: 0.0, a: 0.0, b: 0.0 }, Lab { l: 3.0, a: 1.0, b: -2.0 }, Lab { l: 60.0, a: 40.0, b: -30.0 }]
        {
            assert!(delta_e2000(lab, Lab::from_xyz(lab.to_xyz())) < 1e-9);
        }
        assert!((Lab::from_xyz(D50).l - 100.0).abs() < 1e-9);
    }
}
