// The SMTP envelope and what the connection tells of it, and which way each recipient's copy goes.
// Filled by the milter or by the command line, read by rules and policy. Plain data.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/mail/address.h"

namespace gatepost::mail {

// Per recipient. Ours = the sender is signed in, or comes from own_networks, or not over SMTP.
enum class Direction : uint8_t { kInbound, kOutbound, kInternal, kRelay };
const char* ToString(Direction direction);  // "inbound", "outbound", "internal", "relay"

struct Recipient {
  Address address;
  Direction direction = Direction::kInbound;
  // This outside address wrote to this sender within 90 days (the gateway knows by a keyed hash of
  // the pair); an answer to it passes the freemail rule. Always false inbound.
  bool known_correspondent = false;
};

struct Envelope {
  Address sender;
  std::vector<Recipient> recipients;
  std::string client_ip;    // "192.0.2.1", "2001:db8::1"; empty: not over SMTP (sendmail(1))
  std::string client_name;  // as Postfix verified it, or "unknown"
  std::string helo;
  std::string auth_user;    // SASL name; empty: not signed in
  std::string daemon_name;  // milter macro {daemon_name}, e.g. ORIGINATING
  std::string queue_id;
  std::string tls_version;  // empty: no TLS
  bool smtputf8 = false;
  int64_t received_at_ms = 0;  // milliseconds since the epoch, UTC: the time of receipt
  // Set by ClassifyDirections.
  bool sender_is_ours = false;
};

// What the site says about itself; part of the configuration.
struct Site {
  std::vector<std::string> own_domains;   // "office.example"; subdomains only as ".office.example"
  std::vector<std::string> own_networks;  // CIDR, IPv4 or IPv6
  std::vector<std::string> trusted_relays;  // CIDR; a front MX here does not make insiders
  std::string authserv_id;  // the name that our own Authentication-Results bear (RFC 8601)
  // Milters in front of us write such results. False: whoever sends one under our name forged it.
  bool auth_milters = true;
};

// Is ip in one of the networks? Malformed entries match nothing (the loader refused them).
bool InNetworks(const std::string& ip, const std::vector<std::string>& networks);
// "10.0.0.0/8", "2001:db8::/32", "192.0.2.1": can it be understood?
bool IsNetwork(const std::string& text);
bool IsOwnDomain(const Site& site, const Address& address);

// Sets sender_is_ours and each recipient's direction. Outbound or internal = signed in, or
// daemon_name ORIGINATING, or the client in own_networks and not in trusted_relays, or no client
// at all (sendmail(1)); all else is inbound to own domains and relay to others.
void ClassifyDirections(const Site& site, Envelope* envelope);

}  // namespace gatepost::mail
