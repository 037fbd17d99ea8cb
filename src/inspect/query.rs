//! What the query of `topology.json` asks for, bounded: no request makes the server list more than it can list in passing.

use crate::TopologyLimits;

/// Most rooms of a namespace, and most sessions of a courier.
const MAX_LISTED: usize = 1000;

/// Most members of a room.
const MAX_MEMBERS: usize = 1000;

/// Most rooms of all namespaces, each of which is an actor that is asked.
const MAX_ROOMS_IN_ALL: usize = 10_000;

/// Most ids of members in all.
const MAX_IDS_IN_ALL: usize = 100_000;

/// The limits of a query. What it does not name has its default; what is too much is cut; names that nobody knows are skipped.
pub(super) fn limits(query: &str) -> Result<TopologyLimits, String> {
    let mut limits = TopologyLimits::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let (limit, most) = match &*name {
            "rooms" => (&mut limits.rooms, MAX_LISTED),
            "members" => (&mut limits.members, MAX_MEMBERS),
            "sessions" => (&mut limits.sessions, MAX_LISTED),
            _ => continue,
        };
        let wanted: usize =
            value.parse().map_err(|_| format!("`{name}` is a number from 0 to {most}"))?;
        *limit = wanted.min(most);
    }
    // In a server with few namespaces, many of each are not too many in all.
    limits.namespaces = limits.namespaces.min(MAX_ROOMS_IN_ALL / limits.rooms.max(1));
    let rooms = limits.namespaces * limits.rooms;
    limits.members = limits.members.min(MAX_IDS_IN_ALL / rooms.max(1));
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(query: &str) -> [usize; 4] {
        let it = limits(query).unwrap();
        [it.namespaces, it.rooms, it.members, it.sessions]
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        assert_eq!(limits("").unwrap(), TopologyLimits::default());
        assert_eq!(cut("rooms=3&unknown=7"), [50, 3, 10, 50]);
        assert_eq!(cut("rooms=0&members=0&sessions=0"), [50, 0, 0, 0]);
    }

    #[test]
    fn what_is_too_much_is_cut_alone_and_in_all() {
        assert_eq!(cut("sessions=18446744073709551615"), [50, 50, 10, 1000]);
        assert_eq!(cut("rooms=200&members=1000"), [50, 200, 10, 50]);
        assert_eq!(cut("rooms=100000&members=100000"), [10, 1000, 10, 50]);
        assert_eq!(cut("rooms=1&members=100000"), [50, 1, 1000, 50]);
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for value in ["-1", "x", "", "1e9", "99999999999999999999"] {
            let why = limits(&format!("members={value}")).unwrap_err();
            assert_eq!(why, "`members` is a number from 0 to 1000");
        }
    }
}
