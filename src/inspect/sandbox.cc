// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>

#include "src/base/files.h"

namespace gatepost::inspect {

namespace {

constexpr uid_t kNobody = 65'534;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitizers = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kSanitizers = true;
#else
constexpr bool kSanitizers = false;
#endif
#else
constexpr bool kSanitizers = false;
#endif

Status Lacking(const std::string& piece, int error_number, const std::string& advice) {
  const Status status = Status::FromErrno("sandbox: " + piece, error_number);
  return Status::Unavailable(status.message() + "; " + advice + " (workers do not run without it)");
}

// ---- namespaces and scratch ----

Status WriteProc(const std::string& path, const std::string& text) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return Status::FromErrno("sandbox: " + path, errno);
  }
  if (write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return Status::FromErrno("sandbox: " + path, errno);
  }
  return Status::Ok();
}

// unshare with as many of the wished kinds as the kernel grants; `needed` must be granted.
bool Unshare(int needed, std::string* description) {
  if (unshare(needed | CLONE_NEWNET | CLONE_NEWIPC) == 0) {
    *description += "mount+net+ipc namespaces";
    return true;
  }
  if (unshare(needed | CLONE_NEWNET) == 0) {
    *description += "mount+net namespaces";
    return true;
  }
  if (unshare(needed) == 0) {
    *description += "mount namespace";
    return true;
  }
  return false;
}

Status EnterNamespaces(const SandboxOptions& options, std::string* description) {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  bool own_users = false;
  if (uid != 0 || !Unshare(CLONE_NEWNS, description)) {
    own_users = true;
    *description += "user+";
    if (!Unshare(CLONE_NEWUSER | CLONE_NEWNS, description)) {
      return Lacking("user and mount namespaces", errno,
                     "allow them: sysctl kernel.unprivileged_userns_clone=1, "
                     "user.max_user_namespaces above 0, systemd RestrictNamespaces=no");
    }
    GATEPOST_RETURN_IF_ERROR(WriteProc("/proc/self/setgroups", "deny"));
    GATEPOST_RETURN_IF_ERROR(
        WriteProc("/proc/self/uid_map", std::to_string(uid) + " " + std::to_string(uid) + " 1\n"));
    GATEPOST_RETURN_IF_ERROR(
        WriteProc("/proc/self/gid_map", std::to_string(gid) + " " + std::to_string(gid) + " 1\n"));
  }
  // Nothing mounted here may show outside.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Lacking("a private mount namespace", errno, "mount must be allowed in namespaces");
  }
  const bool drop_to_nobody = !own_users && uid == 0;
  const uid_t owner = drop_to_nobody ? kNobody : uid;
  const gid_t group = drop_to_nobody ? kNobody : gid;
  // The kernel charges each file an inode: files without content are bounded too.
  const std::string how = "size=" + std::to_string(options.scratch_bytes) +
                          ",nr_inodes=32768,mode=0700,uid=" + std::to_string(owner) +
                          ",gid=" + std::to_string(group);
  if (mount("tmpfs", options.scratch.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
            how.c_str()) != 0) {
    return Lacking("a tmpfs on " + options.scratch, errno, "the folder must exist");
  }
  if (chdir(options.scratch.c_str()) != 0) {
    return Status::FromErrno("sandbox: " + options.scratch, errno);
  }
  *description += ", tmpfs " + std::to_string(options.scratch_bytes >> 20) + " MiB";
  if (drop_to_nobody) {
    if (setgroups(0, nullptr) != 0 || setresgid(kNobody, kNobody, kNobody) != 0 ||
        setresuid(kNobody, kNobody, kNobody) != 0) {
      return Status::FromErrno("sandbox: becoming nobody", errno);
    }
    *description += ", nobody";
  }
  return Status::Ok();
}

Status DropCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) {
    return Status::FromErrno("sandbox: dropping capabilities", errno);
  }
  return Status::Ok();
}

// ---- resource limits ----

Status SetLimit(int resource, uint64_t value, const char* name) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) {
    return Status::FromErrno(std::string("sandbox: ") + name, errno);
  }
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) {
    return Status::FromErrno(std::string("sandbox: ") + name, errno);
  }
  return Status::Ok();
}

Status SetLimits(const SandboxOptions& options) {
  uint64_t mapped_pages = 0;
  std::ifstream("/proc/self/statm") >> mapped_pages;
  if (mapped_pages == 0) {
    return Status::Io("sandbox: /proc/self/statm cannot be read");
  }
  const uint64_t mapped = mapped_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // The sanitizers reserve terabytes of address space.
  if (!kSanitizers) {
    GATEPOST_RETURN_IF_ERROR(SetLimit(RLIMIT_AS, mapped + options.memory_bytes, "RLIMIT_AS"));
  }
  GATEPOST_RETURN_IF_ERROR(SetLimit(RLIMIT_CPU, options.cpu_seconds, "RLIMIT_CPU"));
  GATEPOST_RETURN_IF_ERROR(SetLimit(RLIMIT_FSIZE, options.scratch_bytes, "RLIMIT_FSIZE"));
  GATEPOST_RETURN_IF_ERROR(SetLimit(RLIMIT_NOFILE, 256, "RLIMIT_NOFILE"));
  GATEPOST_RETURN_IF_ERROR(SetLimit(RLIMIT_MEMLOCK, 0, "RLIMIT_MEMLOCK"));
  return SetLimit(RLIMIT_NPROC, 0, "RLIMIT_NPROC");
}

// ---- Landlock ----

// The kernel's structure as of ABI 6; older kernels are told the size they know. The header of
// Debian 12 knows ABI 2 only.
struct LandlockAttributes {
  uint64_t fs = 0;
  uint64_t net = 0;     // from ABI 4
  uint64_t scoped = 0;  // from ABI 6
};

constexpr uint64_t kAbi1 = (1ULL << 13) - 1;   // execute ... make_sym
constexpr uint64_t kRefer = 1ULL << 13;        // ABI 2
constexpr uint64_t kTruncate = 1ULL << 14;     // ABI 3
constexpr uint64_t kIoctlDevice = 1ULL << 15;  // ABI 5
constexpr uint64_t kReadOnly = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kScratch = kReadOnly | LANDLOCK_ACCESS_FS_WRITE_FILE |
                              LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                              LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                              LANDLOCK_ACCESS_FS_MAKE_SYM;

// Data that parsers load on demand: CMaps, fonts, converters, locales. World-readable all.
constexpr std::array kReadable = {
    "/usr/share/poppler", "/usr/share/fonts", "/usr/share/fontconfig",  "/usr/share/zoneinfo",
    "/usr/share/locale",  "/usr/share/mime",  "/usr/share/ghostscript", "/usr/share/i18n",
    "/usr/lib",           "/etc/fonts",       "/etc/ld.so.cache",       "/etc/localtime",
    "/dev/null",          "/dev/urandom",
};

Status AllowBeneath(int ruleset, const std::string& path, uint64_t access) {
  const Fd fd(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd.valid()) {
    return errno == ENOENT ? Status::Ok() : Status::FromErrno("sandbox: " + path, errno);
  }
  landlock_path_beneath_attr rule{};
  rule.parent_fd = fd.get();
  rule.allowed_access = access;
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) {
    return Status::Ok();
  }
  if (errno == EINVAL) {  // a file: rights of folders do not fit
    rule.allowed_access = access & LANDLOCK_ACCESS_FS_READ_FILE;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) {
      return Status::Ok();
    }
  }
  return Status::FromErrno("sandbox: Landlock rule for " + path, errno);
}

Status EnterLandlock(const SandboxOptions& options, std::string* description) {
  const int64_t abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) {
    return Lacking("Landlock", errno,
                   "Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK and \"landlock\" in the "
                   "kernel's lsm= list");
  }
  LandlockAttributes attributes;
  attributes.fs =
      kAbi1 | (abi >= 2 ? kRefer : 0) | (abi >= 3 ? kTruncate : 0) | (abi >= 5 ? kIoctlDevice : 0);
  attributes.net = abi >= 4 ? 3 : 0;     // bind and connect over TCP
  attributes.scoped = abi >= 6 ? 3 : 0;  // abstract Unix sockets, signals to outside
  const size_t size = abi >= 6 ? 24 : (abi >= 4 ? 16 : 8);
  const Fd ruleset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset.valid()) {
    return Lacking("a Landlock rule set", errno, "the kernel refuses it");
  }
  for (const char* path : kReadable) {
    GATEPOST_RETURN_IF_ERROR(AllowBeneath(ruleset.get(), path, kReadOnly));
  }
  const uint64_t scratch = kScratch | (abi >= 2 ? kRefer : 0) | (abi >= 3 ? kTruncate : 0);
  GATEPOST_RETURN_IF_ERROR(AllowBeneath(ruleset.get(), options.scratch, scratch));
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return Lacking("Landlock", errno, "the kernel refuses to restrict the worker");
  }
  *description += ", landlock " + std::to_string(abi);
  return Status::Ok();
}

// ---- seccomp ----

struct FilterDeleter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

// All that inspecting the corpora was seen to need, and their close relatives. No socket, no clone,
// no execve, no ptrace, no io_uring, no bpf, no keyring...: those kill.
const int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(close),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(umask),
    SCMP_SYS(utimensat),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe2),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getrusage),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
};

const int kFcntlCommands[] = {F_GETFD,         F_SETFD, F_GETFL, F_SETFL,  F_DUPFD,
                              F_DUPFD_CLOEXEC, F_GETLK, F_SETLK, F_SETLKW, F_GET_SEALS};

// The library's macros for this are not C++.
int AddRule(const Filter& filter, uint32_t action, int call, scmp_arg_cmp condition) {
  return seccomp_rule_add_array(filter.get(), action, call, 1, &condition);
}

Status EnterSeccomp(std::string* description) {
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (filter == nullptr) {
    return Status::Unavailable("sandbox: libseccomp has no memory for a filter");
  }
  int failed = 0;
  const auto check = [&failed](int code) {
    if (code != 0 && failed == 0) {
      failed = -code;
    }
  };
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 1));
  // The workers run no code of strangers; the mitigation would cost every parser.
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_SSB, 1));
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  for (const int call : kAllowed) {
    check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0));
  }
  // No new executable memory, from files or otherwise; a converter that would have to be loaded
  // now is missing, as if it were not installed.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    check(AddRule(filter, SCMP_ACT_ALLOW, call, {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}));
    check(AddRule(filter, SCMP_ACT_ERRNO(EACCES), call,
                  {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC}));
  }
  for (const int command : kFcntlCommands) {
    check(AddRule(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl),
                  {1, SCMP_CMP_EQ, static_cast<scmp_datum_t>(command), 0}));
  }
  // Asking for limits, not setting them.
  check(AddRule(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {2, SCMP_CMP_EQ, 0, 0}));
  check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(getrlimit), 0));
  // abort() and assertions: only to itself.
  check(AddRule(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
                {0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()), 0}));
  // "Is this a terminal?" and settings that do no harm when they are refused.
  check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0));
  check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 0));
  for (const int call : {SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(lchown), SCMP_SYS(fchownat),
                         SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(link), SCMP_SYS(linkat),
                         SCMP_SYS(mknod), SCMP_SYS(mknodat)}) {
    check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0));
  }
  if (failed == 0) {
    check(seccomp_load(filter.get()));
  }
  if (failed != 0) {
    return Lacking("a seccomp filter", failed, "CONFIG_SECCOMP_FILTER and Linux 4.14 or later");
  }
  *description += ", seccomp";
  return Status::Ok();
}

}  // namespace

Status EnterMinimum(const SandboxOptions& options) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    return Status::FromErrno("sandbox: PR_SET_PDEATHSIG", errno);
  }
  if (options.parent != 0 && getppid() != options.parent) {
    return Status::Unavailable("sandbox: the zygote is gone");
  }
  GATEPOST_RETURN_IF_ERROR(SetLimit(RLIMIT_CORE, 0, "RLIMIT_CORE"));
  if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Status::FromErrno("sandbox: PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS", errno);
  }
  return Status::Ok();
}

Status EnterSandbox(const SandboxOptions& options, std::string* description) {
  description->clear();
  // The namespaces come first: a process that is not dumpable may not write its own uid_map.
  if (prctl(PR_SET_DUMPABLE, 1) != 0) {
    return Status::FromErrno("sandbox: PR_SET_DUMPABLE", errno);
  }
  GATEPOST_RETURN_IF_ERROR(EnterNamespaces(options, description));
  GATEPOST_RETURN_IF_ERROR(SetLimits(options));
  // A change of user clears the death signal and the dumpable flag, so this comes after it.
  GATEPOST_RETURN_IF_ERROR(EnterMinimum(options));
  GATEPOST_RETURN_IF_ERROR(DropCapabilities());
  GATEPOST_RETURN_IF_ERROR(EnterLandlock(options, description));
  return EnterSeccomp(description);
}

}  // namespace gatepost::inspect
