//! The picture: for every row with both brokers, how Pumphouse compares with Kafka.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

use super::report::{Report, Row, Target, figure, times};
use super::subject::Who;

const ROW_PX: i32 = 46;
const LEFT_PX: i32 = 330;
const RIGHT_PX: i32 = 190;
const WIDTH_PX: i32 = 960;
const TOP_PX: i32 = 64;

const PUMPHOUSE: RGBColor = RGBColor(0x0f, 0x76, 0x6e);
const KAFKA: RGBColor = RGBColor(0x94, 0xa3, 0xb8);
const TEXT: RGBColor = RGBColor(0x33, 0x41, 0x55);

/// Two bars a row, the longer of them across the picture.
pub(super) fn draw(report: &Report, path: &Path) -> anyhow::Result<()> {
    let rows: Vec<&Row> = report.rows.iter().filter(|row| row.ratio().is_some()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let height = TOP_PX + ROW_PX * i32::try_from(rows.len())? + 16;
    let size = (u32::try_from(WIDTH_PX)?, u32::try_from(height)?);
    let area = SVGBackend::new(path, size).into_drawing_area();
    let failed = |error: DrawingAreaErrorKind<_>| anyhow!("{error}");
    area.fill(&WHITE).map_err(failed)?;
    let text = |size: i32| ("sans-serif", size).into_font().color(&TEXT);
    area.draw_text("Pumphouse and Apache Kafka", &text(20), (16, 14)).map_err(failed)?;
    for (index, (name, color)) in [("Pumphouse", PUMPHOUSE), ("Apache Kafka", KAFKA)].iter().enumerate() {
        let x = LEFT_PX + 140 * i32::try_from(index)?;
        area.draw(&Rectangle::new([(x, 20), (x + 14, 34)], color.filled())).map_err(failed)?;
        area.draw_text(name, &text(14), (x + 20, 20)).map_err(failed)?;
    }
    for (index, row) in rows.into_iter().enumerate() {
        let y = TOP_PX + ROW_PX * i32::try_from(index)?;
        area.draw_text(&row.name, &text(14), (16, y + 4)).map_err(failed)?;
        let better = match row.target {
            Target::RatioMin(_) => "more is better",
            _ => "less is better",
        };
        area.draw_text(&format!("{}, {better}", row.unit), &text(11), (16, y + 22)).map_err(failed)?;
        let values = [row.median(Who::Pumphouse), row.median(Who::Kafka)].map(Option::unwrap_or_default);
        let most = values[0].max(values[1]).max(f64::MIN_POSITIVE);
        for (value, (color, top)) in values.into_iter().zip([(PUMPHOUSE, y + 4), (KAFKA, y + 20)]) {
            let width = (value / most * f64::from(WIDTH_PX - LEFT_PX - RIGHT_PX)) as i32;
            let bar = [(LEFT_PX, top), (LEFT_PX + width.max(1), top + 14)];
            area.draw(&Rectangle::new(bar, color.filled())).map_err(failed)?;
            area.draw_text(&figure(value), &text(12), (LEFT_PX + width + 8, top)).map_err(failed)?;
        }
        if let Some(ratio) = row.ratio() {
            area.draw_text(&format!("{} ×", times(ratio)), &text(16), (WIDTH_PX - 80, y + 10))
                .map_err(failed)?;
        }
    }
    area.present().map_err(failed)
}
