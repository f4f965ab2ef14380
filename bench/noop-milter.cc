// A milter that does nothing: the floor below which no filter can be. All callbacks continue, the
// end of a message is accepted, every "no reply" that the server offers is taken. Usage:
// noop-milter SOCKET ("unix:PATH", "inet:PORT@HOST") SPDX-License-Identifier: GPL-2.0-or-later
#include <libmilter/mfapi.h>

#include <cstdio>
#include <string>

namespace {

constexpr unsigned long kNoReplies = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT |
                                     SMFIP_NR_DATA | SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH |
                                     SMFIP_NR_BODY;

sfsistat Negotiate(SMFICTX*, unsigned long, unsigned long steps, unsigned long, unsigned long,
                   unsigned long* actions, unsigned long* wanted, unsigned long* f2,
                   unsigned long* f3) {
  *actions = 0;
  *wanted = steps & (kNoReplies | SMFIP_HDR_LEADSPC);
  *f2 = 0;
  *f3 = 0;
  return SMFIS_CONTINUE;
}
sfsistat Connect(SMFICTX*, char*, sockaddr*) { return SMFIS_NOREPLY; }
sfsistat Text(SMFICTX*, char*) { return SMFIS_NOREPLY; }
sfsistat Arguments(SMFICTX*, char**) { return SMFIS_NOREPLY; }
sfsistat Header(SMFICTX*, char*, char*) { return SMFIS_NOREPLY; }
sfsistat Body(SMFICTX*, unsigned char*, size_t) { return SMFIS_NOREPLY; }
sfsistat Silent(SMFICTX*) { return SMFIS_NOREPLY; }
sfsistat End(SMFICTX*) { return SMFIS_ACCEPT; }
sfsistat Continue(SMFICTX*) { return SMFIS_CONTINUE; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: noop-milter unix:PATH | inet:PORT@HOST\n", stderr);
    return 2;
  }
  std::string name = "noop";
  smfiDesc filter{};
  filter.xxfi_name = name.data();
  filter.xxfi_version = SMFI_VERSION;
  filter.xxfi_connect = Connect;
  filter.xxfi_helo = Text;
  filter.xxfi_envfrom = Arguments;
  filter.xxfi_envrcpt = Arguments;
  filter.xxfi_header = Header;
  filter.xxfi_eoh = Silent;
  filter.xxfi_body = Body;
  filter.xxfi_eom = End;
  filter.xxfi_abort = Continue;
  filter.xxfi_close = Continue;
  filter.xxfi_data = Silent;
  filter.xxfi_negotiate = Negotiate;
  if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS ||
      smfi_opensocket(true) != MI_SUCCESS) {
    std::fprintf(stderr, "noop-milter: cannot serve at %s\n", argv[1]);
    return 1;
  }
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
