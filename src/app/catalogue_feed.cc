#include "app/catalogue_feed.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/log.h"
#include "providers/model_list.h"

namespace orchestra::app {

namespace asio = boost::asio;

namespace {

constexpr auto kNotAskedYet = "not asked yet";

}  // namespace

// One provider's background coroutine, and the way to end it.
struct CatalogueFeed::Watch {
  UpstreamService service;
  asio::cancellation_signal stop;
};

CatalogueFeed::CatalogueFeed(asio::io_context& control, HttpClient& client, const Clock& clock, Publish publish,
                             Options options)
    : control_(control), client_(client), clock_(clock), publish_(std::move(publish)), options_(options) {}

CatalogueFeed::~CatalogueFeed() = default;

void CatalogueFeed::set_sources(Sources sources) {
  for (auto& [name, watch] : watches_) watch->stop.emit(asio::cancellation_type::terminal);
  watches_.clear();
  sources_ = std::move(sources);
  std::map<std::string, std::vector<Model>, std::less<>> kept;
  {
    MutexLock lock(mutex_);
    states_.clear();
  }
  for (const UpstreamService& service : sources_.services) {
    if (auto found = lists_.find(service.name); found != lists_.end()) kept.insert(lists_.extract(found));
    const bool asked = !sources_.without_list.contains(service.name);
    note(service.name, asked ? kNotAskedYet : "not asked", asked ? "" : "configuration names its models");
    if (!asked) continue;
    auto started = std::make_shared<Watch>(service);
    watches_[service.name] = started;
    asio::co_spawn(
        control_.get_executor(), watch(started),
        asio::bind_cancellation_slot(started->stop.slot(), [started](std::exception_ptr, const Result<void>&) {}));
  }
  lists_ = std::move(kept);
  publish();
}

void CatalogueFeed::set_local(std::vector<Model> models) {
  local_ = std::move(models);
  publish();
}

void CatalogueFeed::set_records(RecordsPtr records) {
  records_ = std::move(records);
  publish();
}

Task<void> CatalogueFeed::watch(std::shared_ptr<Watch> watch) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const std::string name = watch->service.name;
  Micros pause = options_.retry;
  while (!co_await cancelled()) {
    auto list = co_await fetch_model_list(client_, clock_, watch->service, options_.list_within);
    if (co_await cancelled()) break;
    if (list) {
      log::info("{} offers {} {}", name, list->size(), list->size() == 1 ? "model" : "models");
      note(name, "available", "");
      lists_[name] = std::move(*list);
      publish();
      pause = options_.retry;
    } else {
      const bool refused = list.error().fault == Fault::kUpstreamAuth;
      log::warning("The models of {} could not be listed: {}", name, list.error().what);
      note(name, refused ? "key refused" : "unreachable", list.error().what);
    }
    CO_TRY_VOID(co_await sleep_until(clock_.now() + (list ? options_.refresh : pause)));
    if (!list) pause = std::min(pause * 2, options_.refresh);
  }
  co_return Result<void>();
}

void CatalogueFeed::publish() {
  CatalogueParts parts{.by_provider = sources_.named,
                       .aliases = sources_.aliases,
                       .prices = sources_.prices,
                       .known = sources_.known,
                       .records = records_};
  for (const UpstreamService& service : sources_.services) parts.set_up.emplace(service.name, service.dialect);
  for (const auto& [name, models] : lists_) {
    auto& all = parts.by_provider[name];
    all.insert(all.end(), models.begin(), models.end());
  }
  parts.by_provider["local"] = local_;
  publish_(std::make_shared<const Catalogue>(build_catalogue(parts, ++version_)));
}

void CatalogueFeed::note(const std::string& name, std::string state, std::string detail) {
  MutexLock lock(mutex_);
  states_[name] = {.name = name, .state = std::move(state), .detail = std::move(detail), .since = clock_.wall()};
}

bool CatalogueFeed::all_asked() const {
  MutexLock lock(mutex_);
  return std::ranges::none_of(states_, [](const auto& one) { return one.second.state == kNotAskedYet; });
}

std::vector<HealthFacts::Provider> CatalogueFeed::providers() const {
  MutexLock lock(mutex_);
  std::vector<HealthFacts::Provider> out;
  for (const auto& [name, provider] : states_) out.push_back(provider);
  return out;
}

}  // namespace orchestra::app
