// One loop's providers by name.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ports/provider.h"

namespace orchestra {

// Loop-bound. It outlives the streams of its providers.
class ProviderSet final : public Providers {
 public:
  void add(std::string name, std::unique_ptr<Provider> provider) { by_name_[std::move(name)] = std::move(provider); }
  Provider* find(std::string_view name) noexcept override {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<Provider>, std::less<>> by_name_;
};

}  // namespace orchestra
