// What a worker locks itself into before it becomes the engine. Each lock is one-way and inherited. Linux only.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace orchestra {

// The kernel's landlock version; below 1 when it has none.
long landlock_version() noexcept;

// Landlock: from here on this process may read and execute below `read_only` and the system's libraries, read /proc and
// /sys, use the usual devices and GPUs, change files below `read_write`, and nothing else of the file system. False
// when the kernel has no landlock. https://docs.kernel.org/userspace-api/landlock.html
Result<bool> restrict_files(const std::vector<std::string>& read_only, const std::vector<std::string>& read_write);

// Seccomp: socket() gives AF_UNIX only, and the ways around it (io_uring, other system call tables) are closed. Refused
// calls fail with EAFNOSUPPORT or ENOSYS; a foreign table kills. Needs no_new_privs. False when the kernel has none.
Result<bool> restrict_sockets();

}  // namespace orchestra
