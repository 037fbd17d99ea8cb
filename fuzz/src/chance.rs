//! Random numbers that are the same on every run, and random changes to an input.

/// SplitMix64: any seed is a good one.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The sequence that belongs to an input.
    pub fn of(data: &[u8]) -> Self {
        // FNV-1a.
        let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        Self(data.iter().fold(0xcbf2_9ce4_8422_2325, hash))
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, or zero.
    pub fn below(&mut self, end: usize) -> usize {
        (self.draw() % end.max(1) as u64) as usize
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A copy of an input with a few changes: bits, bytes, pieces of its own and of another one.
    pub fn change(&mut self, input: &[u8], other: &[u8], max_len: usize) -> Vec<u8> {
        let mut data = input.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(data.len() + 1);
            match self.below(6) {
                0 if at < data.len() => data[at] ^= 1 << self.below(8),
                1 if at < data.len() => data[at] = self.draw() as u8,
                2 => data.insert(at, *self.pick(b"\0\n\x1e0129,-/[]{}\":\\b4\x7e\x7f\x80\xff")),
                3 => drop(data.drain(at..(at + self.below(8)).min(data.len()))),
                4 => drop(data.splice(at..at, piece(self, other))),
                _ => {
                    let own = piece(self, input);
                    drop(data.splice(at..at, own));
                }
            }
        }
        data.truncate(max_len);
        data
    }
}

fn piece(chance: &mut Chance, of: &[u8]) -> Vec<u8> {
    let from = chance.below(of.len() + 1);
    let to = (from + chance.below(32)).min(of.len());
    of[from..to].to_vec()
}
