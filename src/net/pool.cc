#include "net/pool.h"

#include <algorithm>
#include <boost/asio/ssl.hpp>

namespace orchestra::net {

void Pool::close() noexcept {
  most_ = 0;
  for (const auto& channel : idle_channels_) {
    channel->listen_to(nullptr);
    channel->clear();
    channel->close();
  }
  idle_channels_.clear();
}

std::shared_ptr<Channel> Pool::take() noexcept {
  if (idle_channels_.empty()) return nullptr;
  auto channel = std::move(idle_channels_.back());
  idle_channels_.pop_back();
  channel->listen_to(nullptr);
  channel->clear();
  return channel;
}

void Pool::give(std::shared_ptr<Channel> channel) {
  if (most_ == 0) return channel->close();
  if (idle_channels_.size() == most_) drop(*idle_channels_.front());
  channel->listen_to(this);
  channel->set_in(idle_);
  channel->start_read();
  idle_channels_.push_back(std::move(channel));
}

void Pool::on_unawaited_read(Channel& channel) {
  // The end of the stream, or bytes that answer nothing: neither can carry another request.
  drop(channel);
}

void Pool::on_idle_deadline(Channel& channel) {
  drop(channel);
}

void Pool::drop(Channel& channel) {
  const auto place = std::ranges::find(idle_channels_, &channel, &std::shared_ptr<Channel>::get);
  if (place == idle_channels_.end()) return;
  const auto kept = std::move(*place);
  idle_channels_.erase(place);
  kept->listen_to(nullptr);
  kept->clear();
  kept->close();
}

}  // namespace orchestra::net
