#include "registry/records.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "registry/record_check.h"

namespace orchestra {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'767'348'000)};

class RecordsTest : public ::testing::Test {
 protected:
  // Applies the change; a refusal must leave everything as it was.
  Result<Changed> change(const RecordChange& change, WallTime now = kNow) {
    const auto before = records_->all();
    const std::vector<RecordPtr> kept(before.begin(), before.end());
    auto changed = apply(records_, change, now);
    EXPECT_THAT(records_->all(), ::testing::ElementsAreArray(kept)) << "the old set never changes";
    if (changed) records_ = changed->records;
    return changed;
  }
  Error refusal(const RecordChange& one) {
    const auto changed = change(one);
    EXPECT_FALSE(changed.has_value());
    return changed ? Error{} : changed.error();
  }
  static ModelRecord named(std::string id) { return {.id = {std::move(id)}, .tasks = kCanChat}; }

  RecordsPtr records_ = std::make_shared<const Records>();
};

TEST_F(RecordsTest, CreateUpdateRemove) {
  ASSERT_TRUE(change(CreateRecord{named("openai/b")}));
  ASSERT_TRUE(change(CreateRecord{named("openai/a")}));
  ASSERT_EQ(records_->all().size(), 2U);
  EXPECT_EQ(records_->all()[0]->id.text, "openai/a");

  ModelRecord fields{.id = {"openai/a"}, .description = "new", .active = false};
  const auto updated = change(UpdateRecord{fields}, kNow + std::chrono::seconds(5));
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->record->description, "new");
  EXPECT_EQ(updated->record->active, false);
  EXPECT_EQ(updated->record->tasks, kCanChat) << "what is not said stays";
  EXPECT_EQ(updated->record->created, kNow);
  EXPECT_EQ(updated->record->updated, kNow + std::chrono::seconds(5));

  const auto removed = change(RemoveRecord{{"openai/a"}});
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->record, nullptr);
  EXPECT_EQ(records_->find("openai/a"), nullptr);
  EXPECT_EQ(refusal(RemoveRecord{{"openai/a"}}).fault, Fault::kNotFound);
}

TEST_F(RecordsTest, ADuplicateAndAnEmptyUpdateAreRefused) {
  ASSERT_TRUE(change(CreateRecord{named("openai/a")}));
  EXPECT_EQ(refusal(CreateRecord{named("openai/a")}).fault, Fault::kInvalid);
  EXPECT_EQ(refusal(UpdateRecord{{.id = {"openai/a"}}}).fault, Fault::kInvalid);
}

TEST_F(RecordsTest, AnUpdateOfAListedModelIsItsFirstRecord) {
  const auto changed = change(UpdateRecord{{.id = {"openai/listed"}, .active = false}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(records_->find("openai/listed")->active, false);
}

TEST_F(RecordsTest, AnUpsertCreatesThenUpdatesAndKeepsVersions) {
  ModelRecord fields = named("local/tiny");
  fields.version = "1.0";
  ASSERT_TRUE(change(UpsertRecord{fields}));
  fields.version = "2.0";
  const auto changed = change(UpsertRecord{fields});
  ASSERT_TRUE(changed);
  ASSERT_EQ(changed->record->versions.size(), 2U);
  EXPECT_FALSE(changed->record->versions[0].active);
  EXPECT_TRUE(changed->record->versions[1].active);
  EXPECT_EQ(changed->record->version, "2.0");
}

TEST_F(RecordsTest, VersionsAreAddedAndActivated) {
  const ModelId id{"local/tiny"};
  ASSERT_TRUE(change(AddVersion{.id = id, .version = "1", .path = "tiny/v1.gguf"}));
  EXPECT_TRUE(records_->find(id.text)->versions[0].active) << "the first one";
  ASSERT_TRUE(change(AddVersion{.id = id, .version = "2"}));
  EXPECT_FALSE(records_->find(id.text)->versions[1].active);
  EXPECT_EQ(refusal(AddVersion{.id = id, .version = "2"}).fault, Fault::kInvalid);
  ASSERT_TRUE(change(ActivateVersion{.id = id, .version = "2"}));
  EXPECT_FALSE(records_->find(id.text)->versions[0].active);
  EXPECT_TRUE(records_->find(id.text)->versions[1].active);
  EXPECT_EQ(records_->find(id.text)->version, "2");
  EXPECT_EQ(refusal(ActivateVersion{.id = id, .version = "3"}).fault, Fault::kNotFound);
}

TEST_F(RecordsTest, APathStaysBelowTheModelFolder) {
  for (const char* path : {"/etc/passwd", "../x", "a/../../x", "..", "a\\b"}) {
    const Error error = refusal(AddVersion{.id = {"local/tiny"}, .version = "1", .path = path});
    EXPECT_EQ(error.fault, Fault::kUnprocessable) << path;
    EXPECT_EQ(error.param, "path");
  }
  EXPECT_TRUE(change(AddVersion{.id = {"local/tiny"}, .version = "1", .path = "a..b/v..1"}));
}

TEST_F(RecordsTest, ReservedAndMalformedIdsAreRefused) {
  for (const char* id : {"openai/chat",
                         "openai/completion",
                         "x/embedding",
                         "x/image",
                         "x/audio",
                         "x/stable",
                         "x/refiners",
                         "x/capability",
                         "x/provider",
                         "x/load",
                         "x/unload",
                         "x/a/load",
                         "x/audio/transcription",
                         "x/a/versions",
                         "x/a/usage",
                         "",
                         "x",
                         "x/",
                         "/a",
                         "X/a",
                         "x y/a",
                         "x/a b",
                         "x/a\n"}) {
    EXPECT_EQ(refusal(CreateRecord{named(id)}).fault, Fault::kUnprocessable) << id;
  }
  EXPECT_EQ(refusal(CreateRecord{named("x/" + std::string(101, 'a'))}).param, "model_id");
  EXPECT_TRUE(change(CreateRecord{named("x/" + std::string(100, 'a'))}));
  for (const char* id : {"openai/gpt-4o", "ollama/llama3.2:8b", "together/org/model", "x/chat-model", "x/loader"}) {
    EXPECT_TRUE(change(CreateRecord{named(id)})) << id;
  }
}

TEST_F(RecordsTest, NumbersAreFiniteAndWithinBounds) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinite, -0.1, 1.1}) {
    ModelRecord record = named("x/a");
    record.claimed.quality = bad;
    EXPECT_EQ(refusal(CreateRecord{record}).param, "quality_score") << bad;
    record = named("x/a");
    record.claimed.success_rate = bad;
    EXPECT_EQ(refusal(CreateRecord{record}).param, "success_rate") << bad;
  }
  for (const double bad : {nan, infinite, -0.1}) {
    ModelRecord record = named("x/a");
    record.cost_per_token = bad;
    EXPECT_EQ(refusal(CreateRecord{record}).param, "cost_per_token") << bad;
    record = named("x/a");
    record.megabytes = bad;
    EXPECT_EQ(refusal(CreateRecord{record}).param, "size") << bad;
  }
  ModelRecord record = named("x/a");
  record.price.output = MicroUsd(-1);
  EXPECT_EQ(refusal(CreateRecord{record}).param, "costs");
  record = named("x/a");
  record.release_date = "next year";
  EXPECT_EQ(refusal(CreateRecord{record}).param, "release_date");
  record = named("x/a");
  record.type = "poet";
  EXPECT_EQ(refusal(CreateRecord{record}).param, "type");
  EXPECT_TRUE(records_->all().empty());
}

TEST_F(RecordsTest, ARefusedUpdateChangesNothing) {
  ASSERT_TRUE(change(CreateRecord{named("x/a")}));
  ModelRecord fields{.id = {"x/a"}, .description = "new"};
  fields.claimed.quality = 7;
  EXPECT_EQ(refusal(UpdateRecord{fields}).fault, Fault::kUnprocessable);
  EXPECT_EQ(records_->find("x/a")->description, "");
}

}  // namespace
}  // namespace orchestra
