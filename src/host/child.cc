#include "host/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace orchestra {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kAtOnce = 1 << 16;     // read at most so much before the loop's other work
constexpr std::size_t kLastWords = 1 << 20;  // read at most so much after the end: a grandchild may hold the pipe

constexpr int kUnknownCode = 255;  // when somebody else took the exit status

}  // namespace

void OwnedFd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Child::Child(asio::io_context& loop, int pid, ChildFds fds, ProcessEvents events, std::vector<std::string> remove_after)
    : pid_(pid),
      pidfd_number_(fds.pidfd.get()),
      pidfd_(loop, fds.pidfd.release()),
      input_(std::move(fds.input)),
      output_(loop, std::move(fds.output)),
      errors_(loop, std::move(fds.errors)),
      events_(std::move(events)),
      remove_after_(std::move(remove_after)) {}

Child::~Child() {
  if (!reaped_) kill();
}

void Child::watch() {
  read(output_, true);
  read(errors_, false);
  await_end();
}

void Child::await_end() {
  pidfd_.async_wait(Descriptor::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    if (error) return;
    // A wake-up may belong to another descriptor, closed with an event still queued: asio has used its place again.
    self->has_ended() ? self->ended() : self->await_end();
  });
}

bool Child::has_ended() const noexcept {
  siginfo_t info{};
  const int waited = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_number_), &info, WEXITED | WNOHANG | WNOWAIT);
  return waited == 0 ? info.si_pid != 0 : errno != EAGAIN && errno != EINTR;
}

// Waits and reads itself: bytes that asio had read already would be lost if the end is handled before their handler.
void Child::read(Stream& stream, bool reports) {
  stream.descriptor.async_wait(Descriptor::wait_read,
                               [self = shared_from_this(), &stream, reports](const boost::system::error_code& error) {
                                 if (error || self->reaped_) return;
                                 if (self->drain(stream, reports, kAtOnce)) self->read(stream, reports);
                               });
}

void Child::take(Stream& stream, bool reports, std::string_view bytes) {
  if (reports && events_.output) {
    if (!silent_) events_.output(bytes);
    return;
  }
  stream.cutter.feed(bytes, [&](std::string text) { line(std::move(text), reports); });
}

void Child::line(std::string text, bool reports) {
  ring_.add(text);
  if (reports && !silent_ && events_.line) events_.line(text);
}

bool Child::drain(Stream& stream, bool reports, std::size_t limit) {
  std::array<char, 16384> buffer;
  for (std::size_t total = 0; total < limit;) {
    const auto got = ::read(stream.descriptor.native_handle(), buffer.data(), buffer.size());
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    total += static_cast<std::size_t>(got);
    take(stream, reports, {buffer.data(), static_cast<std::size_t>(got)});
  }
  return true;
}

void Child::finish(Stream& stream, bool reports) {
  drain(stream, reports, kLastWords);
  if (auto rest = stream.cutter.rest(); !rest.empty()) line(std::move(rest), reports);
  boost::system::error_code ignored;
  stream.descriptor.close(ignored);
}

void Child::ended() {
  kill_group();  // before its number may name somebody else
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd_number_), &info, WEXITED | WNOHANG) != 0) {
    info.si_code = CLD_EXITED;
    info.si_status = kUnknownCode;
  }
  reaped_ = true;
  finish(output_, true);
  finish(errors_, false);
  input_.reset();
  for (const auto& path : remove_after_) ::unlink(path.c_str());
  if (silent_) return;
  ProcessExit exit;
  (info.si_code == CLD_EXITED ? exit.code : exit.signal) = info.si_status;
  // The owner may destroy everything from within; nothing here is touched afterwards.
  const auto exited = std::move(events_.exited);
  if (exited) exited(exit);
}

// Its standard input is a socket, not a pipe: writing to a pipe nobody reads would signal the whole server.
void Child::say(std::string_view bytes) noexcept {
  if (input_.get() >= 0) (void)::send(input_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Child::kill() noexcept {
  if (reaped_) return;
  kill_group();
  (void)::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), SIGKILL, nullptr, 0);
}

// The launcher makes the worker the leader of a group: an engine behind a shell script is in it. Until then there is
// no such group.
void Child::kill_group() const noexcept {
  (void)::kill(-pid_, SIGKILL);
}

}  // namespace orchestra
