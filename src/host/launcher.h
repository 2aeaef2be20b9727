// The hidden command `ai-orchestra _launch`: becomes a worker after locking itself in.
#pragma once

namespace orchestra {

// `_launch --record FILE --parent PID [--ro PATH]... [--rw PATH]... [--cgroup DIR] -- PROGRAM [ARGUMENT]...`
// (argv[0] is the server's own program, argv[1] "_launch"). Runs in a fresh process with one thread. In order:
// parent-death signal SIGKILL and a recheck of the parent, PID record, cgroup, oom_score_adj 500, no_new_privs,
// landlock, seccomp (only AF_UNIX sockets, no io_uring), execve. Returns only when that failed: 126, after one line on
// standard error.
int launch_main(int argc, char** argv);

}  // namespace orchestra
