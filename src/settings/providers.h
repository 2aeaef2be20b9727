// Provider rows: shipped ones, the user's over them, then keys and URLs from the environment.
#pragma once

#include <vector>

#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

// The rows while they are put together.
class ProviderRows {
 public:
  explicit ProviderRows(const Timeouts& timeouts) : timeouts_(timeouts) {}
  // Reads `providers:` of `root`. Rows of `shipped` files fill the table; a user's row changes the row of its name, key
  // by key, or adds one.
  void read(Section& root, bool shipped);
  // Applies the environment, decides which providers are enabled and says why; sorted by name.
  std::vector<Provider> finish(Reading& reading);

 private:
  struct Row {
    Provider provider;
    bool shipped = false;
    bool url_given = false;  // by the user: in a row of theirs or by a variable
    std::optional<bool> enabled;
    std::string path;  // "providers[2]", for problems
    Origin origin;
  };
  Row& row_of(const std::string& name, bool shipped);
  static void read_row(Section& section, Row& row, bool shipped);
  static void apply_environment(Reading& reading, Row& row);
  static void decide(Reading& reading, Row& row);

  Timeouts timeouts_;
  std::vector<Row> rows_;
};

}  // namespace orchestra::settings
