// Kept-alive upstream connections, per endpoint. Internal to net/; loop-bound.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "net/channel.h"
#include "ports/http.h"

namespace orchestra::net {

// A pooled channel keeps its read outstanding, so one that its upstream closes leaves the pool at once.
class Pool final : public Channel::Listener {
 public:
  Pool(std::size_t most, Micros idle) : most_(most), idle_(idle) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { close(); }
  // Closes what is idle, and from then on whatever is given.
  void close() noexcept;
  // The one used last, so that the others may grow old; null when there is none.
  std::shared_ptr<Channel> take() noexcept;
  void give(std::shared_ptr<Channel> channel);
  std::size_t size() const noexcept { return idle_channels_.size(); }

  void on_unawaited_read(Channel& channel) override;
  void on_idle_deadline(Channel& channel) override;

 private:
  void drop(Channel& channel);

  std::size_t most_;
  Micros idle_;
  std::vector<std::shared_ptr<Channel>> idle_channels_;
};

}  // namespace orchestra::net
