//! Tables of text.

/// `rows` as lines, each column as wide as its widest cell, two blanks apart. The first row is the head; a column with nothing but
/// numbers below it is aligned to the right. All rows have the same length.
pub(crate) fn table<R: AsRef<[String]>>(rows: &[R]) -> Vec<String> {
    let cells = |row: &R, column: usize| row.as_ref().get(column).cloned().unwrap_or_default();
    let column = |column: usize| {
        let width = rows.iter().map(|row| cells(row, column).chars().count()).max().unwrap_or(0);
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (width, rows.len() > 1 && rows[1..].iter().all(|row| is_number(&cells(row, column))))
    };
    let columns: Vec<(usize, bool)> = (0..rows.first().map_or(0, |head| head.as_ref().len())).map(column).collect();
    let line = |row: &R| {
        let cells = row.as_ref().iter().zip(&columns).map(|(cell, (width, right))| {
            // Not by the width of a format, which has 16 bits: a name may be longer.
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            if *right { blanks + cell } else { format!("{cell}{blanks}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let row = |name: &str, uses: &str| [name.to_owned(), uses.to_owned(), String::new()];
        assert_eq!(
            table(&[row("NAME", "USES"), row("Ä", "12"), row("LONGER", "3")]),
            ["NAME    USES", "Ä         12", "LONGER     3"]
        );
        assert_eq!(table(&[row("NAME", "LINE")]), ["NAME  LINE"]);
    }
}
