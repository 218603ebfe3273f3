//! Aligned columns, for people.

use crate::escape;

/// Lays rows out under a head; the last column is not padded. Cells are escaped.
pub(crate) fn render(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(&head)
        .chain(rows)
        .map(|row| row.iter().map(|cell| escape::line(cell).into_owned()).collect())
        .collect();
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < row.len() {
                    let gap = widths[column] - cell.chars().count() + 2;
                    line.extend(std::iter::repeat_n(' ', gap));
                }
            }
            line.trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["GET".to_owned(), "/v1/ünï".to_owned(), "x".to_owned()],
            vec!["DELETE".to_owned(), "/".to_owned(), "\x1b".to_owned()],
        ];
        assert_eq!(
            render(&["METHOD", "PATH", "WHO"], &rows),
            ["METHOD  PATH     WHO", "GET     /v1/ünï  x", "DELETE  /        \\u{1b}",]
        );
    }
}
