//! Tables of text.

/// `rows` as lines, each column as wide as its widest cell, two blanks apart. The first row is the head; a column with nothing but
/// numbers below it is aligned to the right.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let columns: [(usize, bool); N] = std::array::from_fn(|column| {
        let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (width, rows.len() > 1 && rows[1..].iter().all(|row| is_number(&row[column])))
    });
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(columns).map(|(cell, (width, right))| match right {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
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
