//! How does a sequence of words and wishes for white space become text?
//!
//! Wishes that meet are merged: a line break wins over a space, more line breaks win over fewer. A group is on one line unless
//! something in it needs a line break; which holds for the groups around it then, too. There is no limit on the width.

use std::borrow::Cow;

/// Columns of an indentation.
const STEP: usize = 2;

#[derive(Debug)]
enum Op<'a> {
    Text(Cow<'a, str>),
    /// Text that nothing can follow on its line.
    Rest(&'a str),
    Space,
    Break(u32),
    /// A space where the group around is on one line.
    SpaceIfFlat,
    /// A line break where it is not.
    BreakIfBroken,
    Indent,
    Dedent,
    Group,
    EndGroup,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Page<'a> {
    ops: Vec<Op<'a>>,
}

impl<'a> Page<'a> {
    pub(super) fn text(&mut self, text: impl Into<Cow<'a, str>>) {
        let text = text.into();
        if !text.is_empty() {
            self.ops.push(Op::Text(text));
        }
    }

    /// Text that reaches to the end of its line: what comes next is on another one, group or not.
    pub(super) fn rest_of_line(&mut self, text: &'a str) {
        self.ops.push(Op::Rest(text));
    }

    pub(super) fn space(&mut self) {
        self.ops.push(Op::Space);
    }

    /// `count` line feeds; 2 leave a line empty.
    pub(super) fn line_breaks(&mut self, count: usize) {
        self.ops.push(Op::Break(u32::try_from(count).unwrap_or(u32::MAX)));
    }

    pub(super) fn space_if_flat(&mut self) {
        self.ops.push(Op::SpaceIfFlat);
    }

    pub(super) fn break_if_broken(&mut self) {
        self.ops.push(Op::BreakIfBroken);
    }

    pub(super) fn indent(&mut self) {
        self.ops.push(Op::Indent);
    }

    pub(super) fn dedent(&mut self) {
        self.ops.push(Op::Dedent);
    }

    pub(super) fn group(&mut self) {
        self.ops.push(Op::Group);
    }

    pub(super) fn end_group(&mut self) {
        self.ops.push(Op::EndGroup);
    }

    /// The text. It ends with a line feed.
    pub(super) fn render(&self, capacity: usize) -> String {
        let broken = self.broken_groups();
        let mut out = String::with_capacity(capacity);
        let (mut breaks, mut has_space, mut depth) = (0, false, 0);
        // The file itself is broken.
        let mut groups = vec![true];
        let mut next_group = broken.into_iter();
        for op in &self.ops {
            let is_broken = groups.last().is_none_or(|&it| it);
            let text = match op {
                Op::Text(text) => Some(&**text),
                Op::Rest(text) => Some(*text),
                _ => None,
            };
            match op {
                Op::Text(_) | Op::Rest(_) => {
                    if breaks > 0 {
                        out.extend(std::iter::repeat_n('\n', breaks));
                        out.extend(std::iter::repeat_n(' ', depth * STEP));
                    } else if has_space {
                        out.push(' ');
                    }
                    out.push_str(text.unwrap_or_default());
                    (breaks, has_space) = (usize::from(matches!(op, Op::Rest(_))), false);
                }
                Op::Space => has_space = true,
                Op::SpaceIfFlat => has_space |= !is_broken,
                Op::Break(count) => breaks = breaks.max(*count as usize),
                Op::BreakIfBroken => breaks = breaks.max(usize::from(is_broken)),
                Op::Indent => depth += 1,
                Op::Dedent => depth -= 1,
                Op::Group => groups.push(next_group.next().unwrap_or(true)),
                Op::EndGroup => {
                    groups.pop();
                }
            }
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }

    /// For each group in order of its start, whether something in it needs a line break.
    fn broken_groups(&self) -> Vec<bool> {
        let mut broken = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        // A line break that is merged into one before the group does not count.
        let mut breaks_before = 0;
        for op in &self.ops {
            match op {
                Op::Group => {
                    open.push(broken.len());
                    broken.push(false);
                }
                Op::EndGroup => {
                    open.pop();
                }
                Op::Text(_) | Op::Rest(_) => breaks_before = 0,
                Op::Break(count) if *count > breaks_before => {
                    breaks_before = *count;
                    open.iter().for_each(|&group| broken[group] = true);
                }
                _ => {}
            }
        }
        broken
    }
}
