// Keeps the catalogue filled: asks each provider for its list in the background, scans the model folder, and publishes
// a new catalogue when something changed. A dead provider delays nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/system.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "domain/local_model.h"
#include "providers/upstream.h"
#include "registry/catalogue.h"

namespace orchestra::app {

// Bound to the control loop, but for `providers()`, which any thread may call.
class CatalogueFeed {
 public:
  struct Options {
    Micros list_within{std::chrono::seconds(10)};
    Micros refresh{std::chrono::minutes(10)};  // a provider that answered is asked again after so long
    Micros retry{std::chrono::seconds(15)};    // one that did not; doubled up to `refresh`
  };
  using Publish = std::function<void(CataloguePtr)>;

  CatalogueFeed(boost::asio::io_context& control, HttpClient& client, const Clock& clock, Publish publish)
      : CatalogueFeed(control, client, clock, std::move(publish), Options()) {}
  CatalogueFeed(boost::asio::io_context& control, HttpClient& client, const Clock& clock, Publish publish,
                Options options);
  ~CatalogueFeed();

  struct Sources {
    std::vector<UpstreamService> services;
    std::set<std::string> without_list;  // services that are not asked
    std::map<std::string, std::vector<Model>, std::less<>> named;
    std::vector<Alias> aliases;
    std::vector<PriceRow> prices;
    std::vector<KnownModel> known;
  };
  // Replaces the sources; lists of services that stay are kept until they are asked again.
  void set_sources(Sources sources);
  void set_local(std::vector<Model> models);
  void set_records(RecordsPtr records);
  // Whether every provider that is asked has answered or failed once.
  bool all_asked() const;
  // How the providers were last seen, for the health page.
  std::vector<HealthFacts::Provider> providers() const;

 private:
  struct Watch;
  Task<void> watch(std::shared_ptr<Watch> watch);
  void publish();
  void note(const std::string& name, std::string state, std::string detail);

  boost::asio::io_context& control_;
  HttpClient& client_;
  const Clock& clock_;
  Publish publish_;
  Options options_;
  Sources sources_;
  std::map<std::string, std::vector<Model>, std::less<>> lists_;  // what services said
  std::vector<Model> local_;
  RecordsPtr records_;
  std::map<std::string, std::shared_ptr<Watch>> watches_;  // shared with the running coroutine
  std::int64_t version_ = 0;
  mutable Mutex mutex_;
  std::map<std::string, HealthFacts::Provider> states_ GUARDED_BY(mutex_);
};

}  // namespace orchestra::app
