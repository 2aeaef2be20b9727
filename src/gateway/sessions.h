// Where sessions stand: which model answered each of them last. Loop-bound.
//
// Bounded: the session that was quiet longest is forgotten first, and every session after an hour.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/units.h"
#include "domain/model.h"

namespace orchestra {

class Sessions {
 public:
  struct Options {
    std::size_t most = 50'000;
    Micros kept{std::chrono::hours(1)};
  };
  explicit Sessions(Options options) : options_(options) {}
  Sessions() : Sessions(Options()) {}

  // Empty when it stands nowhere. The view is good until the next call of `stands`.
  std::string_view model(std::uint64_t session, TimePoint now);
  void stands(std::uint64_t session, const ModelId& model, TimePoint now);
  std::size_t size() const noexcept { return by_session_.size(); }

 private:
  struct Entry {
    std::uint64_t session;
    std::string model;
    TimePoint at;
  };
  const Options options_;
  std::list<Entry> entries_;  // the most recent first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_session_;
};

}  // namespace orchestra
