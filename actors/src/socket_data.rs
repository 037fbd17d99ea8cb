//! What users keep on a socket: one value of any type that can be shown as JSON.
//!
//! Handlers and handles set and read it from any thread, without a lock; whoever shows sockets reads it as JSON.

use std::{any::Any, fmt, sync::Arc};

use arc_swap::ArcSwapOption;
use serde::Serialize;

use crate::{courier::Tally, shield::drop_shielded};

/// See the module.
#[derive(Debug, Default)]
pub struct SocketData(ArcSwapOption<Kept>);

type Value = Arc<dyn Any + Send + Sync>;

struct Kept {
    /// Present until it is dropped.
    value: Option<Value>,
    /// Where it counts if its `Drop` panics.
    tally: Arc<Tally>,
    to_json: fn(&(dyn Any + Send + Sync)) -> Option<Result<serde_json::Value, serde_json::Error>>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// Whoever drops the last handle of a socket drops this: it may be any of our actors.
impl Drop for Kept {
    fn drop(&mut self) {
        drop_shielded(self.value.take(), Some(&self.tally));
    }
}

impl SocketData {
    /// Keeps a value instead of what there was, whatever its type.
    pub fn set<T: Serialize + Send + Sync + 'static>(&self, value: T, tally: &Arc<Tally>) {
        let value: Option<Value> = Some(Arc::new(value));
        let kept = Kept { value, tally: tally.clone(), to_json: to_json::<T> };
        self.0.store(Some(Arc::new(kept)));
    }

    /// The value, if there is one and it has this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.load().as_ref()?.value.clone()?.downcast().ok()
    }

    /// The value as JSON, if there is one.
    ///
    /// # Errors
    ///
    /// It cannot be serialised.
    pub fn to_json(&self) -> Result<Option<serde_json::Value>, serde_json::Error> {
        let kept = self.0.load();
        let json = |kept: &Arc<Kept>| (kept.to_json)(&**kept.value.as_ref()?);
        kept.as_ref().and_then(json).transpose()
    }
}

fn to_json<T: Serialize + 'static>(
    value: &(dyn Any + Send + Sync),
) -> Option<Result<serde_json::Value, serde_json::Error>> {
    value.downcast_ref::<T>().map(serde_json::to_value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_value_is_kept_whatever_its_type() {
        let data = SocketData::default();
        assert_eq!(data.to_json().unwrap(), None);
        let tally = Arc::default();
        data.set(7_u32, &tally);
        assert_eq!(data.get::<u32>().as_deref(), Some(&7));
        assert_eq!(data.get::<u64>(), None);
        data.set(vec!["a", "b"], &tally);
        assert_eq!(data.get::<u32>(), None);
        assert_eq!(data.to_json().unwrap(), Some(json!(["a", "b"])));
    }

    #[test]
    fn a_value_that_is_no_json_is_kept_all_the_same() {
        let data = SocketData::default();
        data.set(std::collections::HashMap::from([([1, 2], 3)]), &Arc::default());
        assert!(data.to_json().is_err());
        assert!(data.get::<std::collections::HashMap<[i32; 2], i32>>().is_some());
    }
}
