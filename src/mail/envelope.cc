// Whose is it and which way does it go: networks (IPv4, IPv6, v4-mapped), own domains, directions.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/envelope.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "src/mail/idn.h"

namespace gatepost::mail {
namespace {

// IPv4 is kept as v4-mapped (RFC 4291 2.5.5.2), so that "::ffff:192.0.2.1" and "192.0.2.1" are one.
struct Ip {
  std::array<unsigned char, 16> bytes{};
  bool v4 = false;
};

bool ParseIp(std::string text, Ip* out) {
  // As in a domain literal or the milter's IPv6 form.
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  if (AsciiStartsWithIgnoreCase(text, "IPv6:")) {
    text.erase(0, 5);
  }
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) {
    out->v4 = true;
    out->bytes.fill(0);
    out->bytes[10] = out->bytes[11] = 0xFF;
    std::memcpy(out->bytes.data() + 12, &four, 4);
    return true;
  }
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) {
    return false;
  }
  std::memcpy(out->bytes.data(), &six, 16);
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  out->v4 = std::equal(kMapped.begin(), kMapped.end(), out->bytes.begin());
  return true;
}

struct Network {
  Ip ip;
  unsigned bits = 0;  // of the 128
};

bool ParseNetwork(const std::string& text, Network* out) {
  const size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  if (address.empty() || !ParseIp(address, &out->ip)) {
    return false;
  }
  // "::ffff:10.0.0.0/104" counts its bits as IPv6, "10.0.0.0/8" as IPv4.
  const bool written_as_v4 = address.find(':') == std::string::npos;
  const unsigned most = written_as_v4 ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string::npos) {
    const std::string digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      return false;
    }
    bits = static_cast<unsigned>(std::stoul(digits));
    if (bits > most) {
      return false;
    }
  }
  out->bits = written_as_v4 ? bits + 96 : bits;
  return true;
}

bool Contains(const Network& network, const Ip& ip) {
  // An IPv6 prefix that is wider than ::ffff:0:0/96 is not meant to hold all of IPv4.
  if (ip.v4 && network.bits < 96) {
    return false;
  }
  const size_t whole = network.bits / 8;
  if (std::memcmp(network.ip.bytes.data(), ip.bytes.data(), whole) != 0) {
    return false;
  }
  const unsigned rest = network.bits % 8;
  if (rest == 0) {
    return true;
  }
  const auto mask = static_cast<unsigned char>(0xFFU << (8 - rest));
  return (network.ip.bytes[whole] & mask) == (ip.bytes[whole] & mask);
}

bool IsDomainOf(std::string_view entry, const std::string& domain) {
  if (entry.empty() || domain.empty()) {
    return false;
  }
  bool valid = false;
  if (entry.front() == '.') {
    const std::string above = NormalDomain(entry.substr(1), &valid);
    return !above.empty() && domain.size() > above.size() + 1 &&
           domain.compare(domain.size() - above.size(), above.size(), above) == 0 &&
           domain[domain.size() - above.size() - 1] == '.';
  }
  return domain == NormalDomain(entry, &valid);
}

}  // namespace

const char* ToString(Direction direction) {
  switch (direction) {
    case Direction::kInbound:
      return "inbound";
    case Direction::kOutbound:
      return "outbound";
    case Direction::kInternal:
      return "internal";
    case Direction::kRelay:
      return "relay";
  }
  return "inbound";
}

bool IsNetwork(const std::string& text) {
  Network network;
  return ParseNetwork(text, &network);
}

bool InNetworks(const std::string& ip, const std::vector<std::string>& networks) {
  Ip address;
  if (ip.empty() || !ParseIp(ip, &address)) {
    return false;
  }
  return std::any_of(networks.begin(), networks.end(), [&](const std::string& text) {
    Network network;
    return ParseNetwork(text, &network) && Contains(network, address);
  });
}

bool IsOwnDomain(const Site& site, const Address& address) {
  const auto is_own = [&](const std::string& domain) {
    return std::any_of(site.own_domains.begin(), site.own_domains.end(),
                       [&](const std::string& entry) { return IsDomainOf(entry, domain); });
  };
  return is_own(address.domain()) &&
         (address.final_domain() == address.domain() || is_own(address.final_domain()));
}

void ClassifyDirections(const Site& site, Envelope* envelope) {
  const bool own_client = InNetworks(envelope->client_ip, site.own_networks) &&
                          !InNetworks(envelope->client_ip, site.trusted_relays);
  envelope->sender_is_ours = !envelope->auth_user.empty() ||
                             AsciiEqualsIgnoreCase(envelope->daemon_name, "ORIGINATING") ||
                             envelope->client_ip.empty() || own_client;
  for (Recipient& recipient : envelope->recipients) {
    // A name without a domain is local: Postfix appends its own.
    const bool own = recipient.address.domain().empty() ? recipient.address.final_domain().empty()
                                                        : IsOwnDomain(site, recipient.address);
    if (envelope->sender_is_ours) {
      recipient.direction = own ? Direction::kInternal : Direction::kOutbound;
    } else {
      recipient.direction = own ? Direction::kInbound : Direction::kRelay;
    }
  }
}

}  // namespace gatepost::mail
