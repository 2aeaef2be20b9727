// One process that was started: its pipes, its pidfd, its last words. Loop-bound.
//
// Shared between the Process that its owner holds and the asynchronous operations: after the owner is gone it lives on,
// silent, until the process is reaped.
#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>

#include "base/task.h"
#include "host/line_ring.h"
#include "ports/spawner.h"

namespace orchestra {

// Closed on destruction.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~OwnedFd() { reset(); }
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

struct ChildFds {
  OwnedFd pidfd, input, output, errors;
};

class Child : public std::enable_shared_from_this<Child> {
 public:
  Child(boost::asio::io_context& loop, int pid, ChildFds fds, ProcessEvents events,
        std::vector<std::string> remove_after);
  ~Child();

  void watch();
  void say(std::string_view bytes) noexcept;
  void close_input() noexcept { input_.reset(); }
  void kill() noexcept;  // with all that it started
  void silence() noexcept { silent_ = true; }
  int pid() const noexcept { return pid_; }
  std::vector<std::string> last_lines() const { return ring_.lines(); }

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
  struct Stream {
    explicit Stream(boost::asio::io_context& loop, OwnedFd fd) : descriptor(loop, fd.release()) {}
    Descriptor descriptor;
    LineCutter cutter;
  };

  void read(Stream& stream, bool reports);
  void take(Stream& stream, bool reports, std::string_view bytes);
  // Reads what is there, at most about `limit` bytes; false at the end of the stream.
  bool drain(Stream& stream, bool reports, std::size_t limit);
  void finish(Stream& stream, bool reports);
  void line(std::string text, bool reports);
  void kill_group() const noexcept;
  void await_end();
  bool has_ended() const noexcept;
  void ended();

  int pid_;
  int pidfd_number_;
  Descriptor pidfd_;
  OwnedFd input_;
  Stream output_, errors_;
  LineRing ring_;
  ProcessEvents events_;
  std::vector<std::string> remove_after_;
  bool silent_ = false, reaped_ = false;
};

}  // namespace orchestra
