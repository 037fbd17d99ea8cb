//! `web::Data<T>`: data of the application, actix-web's own.
//!
//! Only a request finds it, and a session must not keep one. So handlers say what they need when they are registered, the edge of each
//! worker looks for that at handshakes, and handlers find it in their scope.

use std::{
    any::TypeId,
    cell::{Cell, RefCell},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_socketio_actors::dispatch::current_app_data;
use actix_web::{HttpRequest, dev::Extensions, web};

use super::FromContext;
use crate::error::Error;

/// What the parameters of handlers need from outside.
///
/// ```
/// # use actix_socketio::{Error, extract::{FromContext, Needs}};
/// # use actix_web::web;
/// # #[derive(Debug)] struct Db;
/// /// An extractor of one's own that is made of others.
/// struct Tables(web::Data<Db>);
///
/// impl<C> FromContext<C> for Tables {
///     fn from_context(cx: &C) -> Result<Self, Error> {
///         web::Data::from_context(cx).map(Self)
///     }
///
///     fn declare(needs: &mut Needs) {
///         needs.app_data::<Db>();
///     }
/// }
/// # actix_socketio::SocketIo::new().of("/").on("list", async |Tables(db): Tables| format!("{db:?}"));
/// ```
#[derive(Debug, Default)]
pub struct Needs {
    app_data: Vec<(TypeId, Find)>,
}

/// Looks for one type in the application of a request.
type Find = fn(&HttpRequest, &mut Extensions);

impl Needs {
    /// Data of this type, which the application has by `.app_data(web::Data::new(…))`.
    pub fn app_data<T: ?Sized + 'static>(&mut self) {
        self.add(TypeId::of::<T>(), find::<T>);
    }

    fn add(&mut self, id: TypeId, find: Find) {
        if !self.app_data.iter().any(|(known, _)| *known == id) {
            self.app_data.push((id, find));
        }
    }
}

fn find<T: ?Sized + 'static>(request: &HttpRequest, found: &mut Extensions) {
    if let Some(data) = request.app_data::<web::Data<T>>() {
        found.insert(data.clone());
    }
}

/// The needs of all handlers of a server, from any thread.
#[derive(Debug, Default)]
pub(crate) struct SharedNeeds {
    needs: Mutex<Needs>,
    /// How many types there are: looked at without the lock.
    count: AtomicUsize,
}

impl SharedNeeds {
    pub(crate) fn add(&self, declare: fn(&mut Needs)) {
        let mut declared = Needs::default();
        declare(&mut declared);
        let mut needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        declared.app_data.into_iter().for_each(|(id, find)| needs.add(id, find));
        self.count.store(needs.app_data.len(), Ordering::Release);
    }

    fn finders(&self) -> Vec<Find> {
        let needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        needs.app_data.iter().map(|(_, find)| *find).collect()
    }
}

/// What was found in the application of one worker.
#[derive(Debug, Default)]
pub(crate) struct AppData {
    found: RefCell<Extensions>,
    /// How many types were looked for.
    count: Cell<usize>,
}

impl AppData {
    /// Looks for what handlers need that were registered since.
    pub(crate) fn refresh(&self, needs: &SharedNeeds, request: &HttpRequest) {
        if self.count.get() != needs.count.load(Ordering::Acquire) {
            let finders = needs.finders();
            self.count.set(finders.len());
            finders.iter().for_each(|find| find(request, &mut self.found.borrow_mut()));
        }
    }
}

/// Data of the application, from `App::new().app_data(web::Data::new(…))` or that of the scope in which the server is mounted.
///
/// A worker looks for it at handshakes. So a type that is asked for by a handler that was registered while clients were connected, and by no
/// earlier one, is missing until the next client of that worker connects; register at least one handler that asks for it before.
///
/// ```
/// # use actix_socketio::{Args, SocketIo};
/// # use actix_web::{App, web};
/// # struct Db;
/// # impl Db { async fn save(&self, _: &str) -> u64 { 1 } }
/// # let io = SocketIo::new();
/// io.of("/").on("save", async |db: web::Data<Db>, Args(text): Args<String>| db.save(&text).await);
/// let app = move || App::new().app_data(web::Data::new(Db)).configure(|cfg| io.mount(cfg));
/// # drop(app);
/// ```
impl<T: ?Sized + 'static, C> FromContext<C> for web::Data<T> {
    fn from_context(_: &C) -> Result<Self, Error> {
        let app_data = current_app_data();
        let app_data = app_data.as_ref().and_then(|data| data.downcast_ref::<AppData>());
        let found = app_data.and_then(|data| data.found.borrow().get::<Self>().cloned());
        found.ok_or_else(Error::no_app_data::<T>)
    }

    fn declare(needs: &mut Needs) {
        needs.app_data::<T>();
    }
}
