// Reads YAML texts as the loader reads its files, and keeps what was complained of.
#pragma once

#include <gtest/gtest.h>

#include "settings/document.h"
#include "settings/section.h"

namespace orchestra::settings {

class ReadingTest : public testing::Test {
 protected:
  template <class List>
  List read_with(List (*read)(Section&), const std::string& yaml) {
    const auto document = parse_yaml(yaml, reading_.file, problems_);
    Section root(reading_, document ? &*document : nullptr, "");
    return read(root);
  }

  Problems problems_;
  const Variables none_;
  Reading reading_{.file = "list.yaml", .variables = none_, .problems = problems_};
};

}  // namespace orchestra::settings
