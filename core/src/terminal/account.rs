//! Who is signed in: signing in and up, one's own password, the shops that an account works in and those that it manages.

use super::folder::{KnownShop, Seat, ServerNote};
use super::line::Line;
use super::online::Address;
use super::{Inside, Terminal, closed};
use crate::error::{Error, Result};
use crate::net::{Http, Session, User};
use crate::schema::{Invalid, Rule};
use crate::shop::{Account, Shop};
use crate::sync::wire::{MyShop, Overview, OverviewRequest, ShopOverview, ShopsAnswer, ShopsRequest};
use std::sync::Arc;
use tokio::runtime::Handle;

/// What came of signing in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The shop that is open now.
    pub shop: Shop,
    /// Whether the account still has the password that somebody else gave it.
    pub must_change_password: bool,
}

/// A shop that an account works in, as people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ShopName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Terminal {
    /// Signs in, and opens the shop that the account works in: the named one, where there are several. Without a name
    /// that is an error, and [`known_shops`](Terminal::known_shops) says which there are to choose from.
    pub async fn sign_in(
        &self,
        address: &Address,
        email: &str,
        password: &str,
        shop: Option<&str>,
    ) -> Result<SignedIn> {
        let http = self.http(address)?;
        let (keys, email, password) = (Arc::clone(&self.keys), email.to_owned(), password.to_owned());
        let way = http.clone();
        let session = async move { Session::sign_in(way, keys, &email, &password).await };
        self.begin(address, shop, begun(http, session)).await
    }

    /// Signs up by an invitation: the first password that came with it lets in once, and `password`, which nobody else
    /// knows, takes its place before anything else is done. Where the answer to that was lost, the same call goes on.
    pub async fn sign_up(
        &self,
        address: &Address,
        email: &str,
        invitation: &str,
        password: &str,
        shop: Option<&str>,
    ) -> Result<SignedIn> {
        let http = self.http(address)?;
        let keys = Arc::clone(&self.keys);
        let (email, invitation, password) = (email.to_owned(), invitation.to_owned(), password.to_owned());
        let way = http.clone();
        let session = async move { Session::sign_up(way, keys, &email, &invitation, &password).await };
        self.begin(address, shop, begun(http, session)).await
    }

    /// Changes the password of whoever is signed in, who has to know the one there is. The session on this device goes
    /// on; those on others end.
    pub async fn change_password(&self, current: &str, password: &str) -> Result<()> {
        let (line, _) = self.line()?;
        let (current, password) = (current.to_owned(), password.to_owned());
        let asked =
            self.runtime()?.spawn(async move { line.session.change_password(&current, &password).await });
        asked.await.map_err(|_| closed())?.map(drop)
    }

    /// The shops that the signed-in account works in, by name, as the server told them last: with a network or without.
    /// While nobody is signed in, those that the last who tried has to choose from.
    pub fn known_shops(&self) -> Vec<ShopName> {
        let guard = self.lock();
        let Some(inside) = guard.as_ref() else { return Vec::new() };
        match &inside.memory.signed_in {
            Some(signed_in) => signed_in.names(),
            None => inside.offered.clone(),
        }
    }

    /// Every shop that the account manages: its people, its devices and what they have unsent, what waits for a
    /// decision. The server alone has it: an error while it cannot be asked.
    pub async fn overview(&self) -> Result<Vec<ShopOverview>> {
        let (line, _) = self.line()?;
        let answer: Overview = self.call(line, "shop_overview", OverviewRequest {}).await?;
        Ok(answer.shops)
    }

    /// Goes on as whoever has just come in: in the shop that was named, or in the only one. Where the caller has stopped
    /// waiting, nobody does, and the session is given up as soon as there is one.
    async fn begin(
        &self,
        address: &Address,
        shop: Option<&str>,
        begun: impl Future<Output = Result<Begun>> + Send + 'static,
    ) -> Result<SignedIn> {
        let mut begun = self.runtime()?.spawn(begun).await.map_err(|_| closed())??;
        let line = begun.line.clone();
        begun.unclaimed.0 = None;
        match self.seat(address, shop, begun) {
            Ok(signed_in) => Ok(signed_in),
            Err(error) => {
                // A session that nobody goes on with: one of an account that is signed in here is not ended.
                if !self.is_signed_in(line.session.account()) {
                    let told = self.runtime()?.spawn(async move { line.session.sign_out().await });
                    told.await.map_err(|_| closed())??;
                }
                Err(error)
            }
        }
    }

    fn is_signed_in(&self, account: &str) -> bool {
        let guard = self.lock();
        let memory = guard.as_ref().and_then(|inside| inside.memory.signed_in.as_ref());
        memory.is_some_and(|signed_in| signed_in.account == account)
    }

    fn seat(&self, address: &Address, shop: Option<&str>, begun: Begun) -> Result<SignedIn> {
        let Begun { line, user, shops, unclaimed: _ } = begun;
        let mut guard = self.lock();
        let inside = guard.as_mut().ok_or_else(closed)?;
        if inside.memory.signed_in.as_ref().is_some_and(|signed_in| signed_in.account != user.id) {
            return Err(Error::denied("account", "sign_out_first"));
        }
        let found = match choose(&shops, shop) {
            Ok(found) => found,
            Err(error) => {
                inside.offered =
                    shops.into_iter().map(|MyShop { id, name, .. }| ShopName { id, name }).collect();
                return Err(error);
            }
        };
        let shop = self.sit_at(inside, address, line, &user, (found, &shops))?;
        Ok(SignedIn { shop, must_change_password: user.must_change_password })
    }

    /// Opens the shop that was found among the account's, on its new line.
    fn sit_at(
        &self,
        inside: &mut Inside,
        address: &Address,
        line: Line,
        user: &User,
        (found, shops): (&MyShop, &[MyShop]),
    ) -> Result<Shop> {
        line.session.store()?;
        // A driver with the session from before is of no use any more.
        if let Some(seated) = &mut inside.seated {
            seated.driver = None;
        }
        #[cfg(feature = "inspector")]
        line.http.simulate(inside.trouble);
        inside.line = Some(line);
        inside.offered = Vec::new();
        let all = shops.iter().map(|shop| known(&user.id, shop)).collect();
        inside.memory = inside.memory.at(&user.id, ServerNote::of(address)).knowing(all);
        let shop = self.sit(inside, &user.id, known(&user.id, found).seat)?;
        // A seat that was open already is noted nowhere anew, and what the server told of may be new.
        inside.folder.remember(&inside.memory)?;
        self.put_on_line(inside)?;
        Ok(shop)
    }
}

/// Somebody who has just come in, and where they work.
struct Begun {
    line: Line,
    user: User,
    shops: Vec<MyShop>,
    unclaimed: Unclaimed,
}

/// A session that nobody goes on with yet. Dropped with it, this gives it up.
struct Unclaimed(Option<Arc<Session>>);

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if let (Some(session), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = session.give_up().await {
                    log::warn!("a session that nobody goes on with: {}", error.code());
                }
            });
        }
    }
}

/// The line of a session that begins, with what the server says of its account.
async fn begun(http: Http, session: impl Future<Output = Result<(Session, User)>>) -> Result<Begun> {
    let (session, user) = session.await?;
    let session = Arc::new(session);
    let unclaimed = Unclaimed(Some(Arc::clone(&session)));
    let token = session.token().await?;
    let shops: ShopsAnswer =
        http.call("my_shops", &ShopsRequest {}, &token).await.map_err(|failure| Error::from(&failure))?;
    Ok(Begun { line: Line { http, session }, user, shops: shops.shops, unclaimed })
}

fn known(account: &str, shop: &MyShop) -> KnownShop {
    let account = Account {
        id: account.to_owned(),
        role: shop.standing.role.clone(),
        station: shop.standing.station,
        employee: shop.standing.employee.clone(),
    };
    KnownShop { name: shop.name.clone(), seat: Seat::new(&account, &shop.id) }
}

/// The shop to open: the named one, or the only one.
fn choose<'a>(shops: &'a [MyShop], named: Option<&str>) -> Result<&'a MyShop> {
    match (named, shops) {
        (_, []) => Err(Error::denied("shop", "no_member")),
        (Some(named), shops) => {
            shops.iter().find(|shop| shop.id == named).ok_or_else(|| Error::denied("shop", "no_member"))
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(Invalid::field("shop", Rule::Required).of("account").into()),
    }
}
