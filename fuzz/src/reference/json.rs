//! JSON as RFC 8259 has it, as a tree: recursive, so only for texts whose depth is bounded.

/// A value. Numbers are as they are written; a string that no Rust string can hold (half of a surrogate pair) is `None`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(Option<String>),
    Array(Vec<Json>),
    Object(Vec<(Option<String>, Json)>),
}

/// The value that the text is, unless it is none or deeper than this.
pub(crate) fn parse(text: &str, max_depth: usize) -> Option<Json> {
    let mut reader = Reader { rest: text };
    let value = reader.value(max_depth)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// `token` with white space around it.
    fn separator(&mut self, token: &str) -> bool {
        self.space();
        let found = self.take(token);
        self.space();
        found
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.space();
        match self.rest.bytes().next()? {
            b'n' => self.take("null").then_some(Json::Null),
            b't' => self.take("true").then_some(Json::Bool(true)),
            b'f' => self.take("false").then_some(Json::Bool(false)),
            b'"' => Some(Json::String(self.string()?)),
            b'[' => {
                let depth = depth.checked_sub(1)?;
                self.list("[", "]", |reader| reader.value(depth)).map(Json::Array)
            }
            b'{' => {
                let depth = depth.checked_sub(1)?;
                let entry = |reader: &mut Self| {
                    let key = reader.string()?;
                    Some((key, reader.separator(":").then(|| reader.value(depth))??))
                };
                self.list("{", "}", entry).map(Json::Object)
            }
            _ => self.number().map(Json::Number),
        }
    }

    fn list<T>(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        if !self.separator(open) {
            return None;
        }
        if self.take(close) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.separator(",") {
                continue;
            }
            return self.take(close).then_some(items);
        }
    }

    fn number(&mut self) -> Option<String> {
        let begin = self.rest;
        self.take("-");
        if !self.take("0") && self.digits() == 0 {
            return None;
        }
        if self.take(".") && self.digits() == 0 {
            return None;
        }
        if self.take("e") || self.take("E") {
            let _sign = self.take("+") || self.take("-");
            if self.digits() == 0 {
                return None;
            }
        }
        Some(begin[..begin.len() - self.rest.len()].to_owned())
    }

    fn digits(&mut self) -> usize {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = self.rest.len() - rest.len();
        self.rest = rest;
        count
    }

    /// The inner `None` is a string that is legal and cannot be held.
    fn string(&mut self) -> Option<Option<String>> {
        let mut units = Vec::new();
        if !self.take("\"") {
            return None;
        }
        loop {
            let c = self.rest.chars().next()?;
            self.rest = &self.rest[c.len_utf8()..];
            match c {
                '"' => return Some(String::from_utf16(&units).ok()),
                '\0'..='\u{1f}' => return None,
                '\\' => units.push(self.escape()?),
                c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        let plain = match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let hex =
                    self.rest.get(..4).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))?;
                self.rest = &self.rest[4..];
                return u16::from_str_radix(hex, 16).ok();
            }
            _ => return None,
        };
        Some(plain as u16)
    }
}
