//! The machine's networks, and a socket in the multicast group of each.

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use tokio::net::UdpSocket;

const PORT: u16 = 5_353;
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
/// Packets of this service have no more bytes.
const MOST_BYTES: usize = 9_000;

/// A network that this machine is in, and what the hub's addresses there are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// The address that packets leave from.
    from: IpAddr,
    /// The system's number of the interface.
    index: u32,
    /// Of all addresses there: how many bits name the network.
    nets: Vec<(IpAddr, u8)>,
    /// Where devices reach the hub.
    addresses: Vec<IpAddr>,
}

/// The networks on which a hub that listens there can be reached.
pub(super) fn places(listen: SocketAddr) -> Vec<Place> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut places: Vec<Place> = Vec::new();
    for interface in interfaces.iter().filter(|found| !found.is_loopback() && !found.is_p2p()) {
        let family = places.iter().any(|place| {
            place.index == interface.index.unwrap_or(0) && place.from.is_ipv4() == interface.ip().is_ipv4()
        });
        if family {
            continue;
        }
        let same = interfaces.iter().filter(|other| other.name == interface.name);
        let addresses: Vec<IpAddr> = same
            .clone()
            .filter(|other| !other.is_link_local() && hears(listen, other.ip()))
            .map(if_addrs::Interface::ip)
            .collect();
        if addresses.is_empty() || (interface.ip().is_ipv6() && listen.is_ipv4()) {
            continue;
        }
        places.push(Place {
            from: interface.ip(),
            index: interface.index.unwrap_or(0),
            nets: same.map(net).collect(),
            addresses,
        });
    }
    places
}

/// Whether what comes to an address arrives where the hub listens.
fn hears(listen: SocketAddr, address: IpAddr) -> bool {
    let own = listen.ip();
    if own.is_unspecified() { own.is_ipv6() || address.is_ipv4() } else { own == address }
}

fn net(interface: &if_addrs::Interface) -> (IpAddr, u8) {
    let bits = match &interface.addr {
        if_addrs::IfAddr::V4(found) => u32::from(found.netmask).leading_ones(),
        if_addrs::IfAddr::V6(found) => u128::from(found.netmask).leading_ones(),
    };
    (interface.ip(), u8::try_from(bits).unwrap_or(128))
}

/// A socket in the multicast group of one network.
pub(super) struct Link {
    socket: UdpSocket,
    group: SocketAddr,
    nets: Vec<(IpAddr, u8)>,
    addresses: Vec<IpAddr>,
}

impl Link {
    /// Joins the group of a network.
    pub(super) fn open(place: &Place) -> io::Result<Link> {
        let (socket, group) = match place.from {
            IpAddr::V4(from) => (group_v4(from)?, SocketAddr::from((GROUP_V4, PORT))),
            IpAddr::V6(_) => {
                let group = SocketAddrV6::new(GROUP_V6, PORT, 0, place.index);
                (group_v6(place.index)?, SocketAddr::V6(group))
            }
        };
        let socket = UdpSocket::from_std(socket.into())?;
        Ok(Link { socket, group, nets: place.nets.clone(), addresses: place.addresses.clone() })
    }

    /// Any socket, in any group, in the network of an address.
    #[cfg(test)]
    pub(super) fn of(socket: UdpSocket, group: SocketAddr, address: (IpAddr, u8)) -> Link {
        Link { socket, group, nets: vec![address], addresses: vec![address.0] }
    }

    /// The hub's addresses there.
    pub(super) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Says something to everybody there.
    pub(super) async fn send(&self, packet: &[u8]) -> io::Result<()> {
        self.socket.send_to(packet, self.group).await.map(drop)
    }

    /// The next packet from somebody there. What comes from beyond the network is dropped.
    pub(super) async fn hear(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; MOST_BYTES];
        loop {
            let (length, from) = self.socket.recv_from(&mut bytes).await?;
            if self.is_near(from.ip()) {
                bytes.truncate(length);
                return Ok(bytes);
            }
        }
    }

    fn is_near(&self, from: IpAddr) -> bool {
        self.nets.iter().any(|(own, bits)| match (own, from) {
            (IpAddr::V4(own), IpAddr::V4(from)) => {
                let differ = u32::from(*own) ^ u32::from(from);
                differ.leading_zeros() >= u32::from(*bits)
            }
            (IpAddr::V6(own), IpAddr::V6(from)) => {
                let differ = u128::from(*own) ^ u128::from(from);
                from.is_unicast_link_local() || differ.leading_zeros() >= u32::from(*bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        })
    }
}

/// A socket beside those of other programs that announce something.
fn shared(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn group_v4(from: Ipv4Addr) -> io::Result<Socket> {
    let socket = shared(Domain::IPV4)?;
    // Otherwise Linux hands it what comes to the group on any interface.
    #[cfg(target_os = "linux")]
    socket.set_multicast_all_v4(false)?;
    socket.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT))))?;
    socket.join_multicast_v4(&GROUP_V4, &from)?;
    socket.set_multicast_if_v4(&from)?;
    socket.set_multicast_ttl_v4(255)?;
    Ok(socket)
}

fn group_v6(index: u32) -> io::Result<Socket> {
    let socket = shared(Domain::IPV6)?;
    socket.set_only_v6(true)?;
    #[cfg(target_os = "linux")]
    socket.set_multicast_all_v6(false)?;
    socket.bind(&SockAddr::from(SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT))))?;
    socket.join_multicast_v6(&GROUP_V6, index)?;
    socket.set_multicast_if_v6(index)?;
    socket.set_multicast_hops_v6(255)?;
    Ok(socket)
}
