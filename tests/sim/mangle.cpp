#include "sim/mangle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "sim/render.hpp"

namespace trainstop::sim {
namespace {

constexpr const char* kUnusable[] = {
    "null",
    "42",
    R"("job")",
    "[]",
    "{}",
    R"({"id":7,"current_status":"TRAINING_JOB_RUNNING"})",
    R"({"id":"../../v1/users","current_status":"TRAINING_JOB_RUNNING","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","instance_type":{"id":"x","name":"x","memory_limit_mib":1,"millicpu_limit":1,"gpu_count":1,"gpu_type":null,"gpu_memory_limit_mib":null},"training_project_id":"proj1","training_project":{"id":"proj1","name":"proj1"}})",
    R"({"id":"badtime","current_status":"TRAINING_JOB_RUNNING","created_at":"yesterday","updated_at":1,"instance_type":{},"training_project_id":"proj1","training_project":{"id":"proj1","name":"proj1"}})",
    R"({"id":"nostatus","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","training_project_id":"proj1"})",
    R"({"id":"","current_status":null,"training_project_id":null})",
};

/// The text of the number after `"key":` becomes `number`, wherever it occurs.
void replace_number(std::string& text, std::string_view key, std::string_view number) {
  const std::string sought = fmt::format("\"{}\":", key);
  for (auto at = text.find(sought); at != std::string::npos; at = text.find(sought, at + 1)) {
    const auto begin = at + sought.size();
    const auto end = text.find_first_of(",}", begin);
    text.replace(begin, end - begin, number);
  }
}

std::string id_of(const std::string& record) {
  constexpr std::string_view kStart = R"({"id":")";
  const auto end = record.find('"', kStart.size());
  return record.substr(kStart.size(), end - kStart.size());
}

bool names(const Fault& fault, const std::string& record) {
  return std::find(fault.jobs.begin(), fault.jobs.end(), id_of(record)) != fault.jobs.end();
}

std::string with_members(std::string record, std::string_view members) {
  record.insert(record.size() - 1, fmt::format(",{}", members));
  return record;
}

}  // namespace

bool mangles(FaultKind kind) {
  return (kind >= FaultKind::empty_list && kind <= FaultKind::other_job) ||
         (kind >= FaultKind::prices_zero && kind <= FaultKind::prices_missing);
}

std::string with_status(std::string record, std::string_view status) {
  constexpr std::string_view kKey = R"("current_status":)";
  const auto begin = record.find(kKey) + kKey.size();
  const auto end = record.find(',', begin);
  record.replace(begin, end - begin, quoted(status));
  return record;
}

std::string mangle_record(const Fault& fault, const std::string& record) {
  std::string text = record;
  switch (fault.kind) {
    case FaultKind::malformed_records: {
      constexpr std::string_view kKey = R"("current_status")";
      return text.replace(text.find(kKey), kKey.size(), R"("former_status")");
    }
    case FaultKind::duplicate_keys:
      return with_members(text, fault.body.empty()
                                    ? R"("id":"second","current_status":"TRAINING_JOB_RUNNING")"
                                    : fault.body);
    case FaultKind::huge_numbers:
      for (const auto* key : {"gpu_count", "node_count", "priority"}) {
        replace_number(text, key, "1e400");
      }
      return text;
    case FaultKind::other_job:
      return text.replace(0, text.find(','), R"({"id":"another")");
    default:
      return text;
  }
}

std::vector<std::string> mangle_list(const Fault& fault, std::vector<std::string> records,
                                     const std::vector<std::string>& stale) {
  std::vector<std::string> list;
  switch (fault.kind) {
    case FaultKind::empty_list:
      return list;
    case FaultKind::stale_list:
      return stale;
    case FaultKind::partial_list:
      for (std::size_t i = 0; i < records.size(); ++i) {
        const bool stays = fault.jobs.empty() ? i % 2 == 0 : names(fault, records[i]);
        if (stays) list.push_back(std::move(records[i]));
      }
      return list;
    case FaultKind::hidden_jobs:
      for (auto& record : records) {
        if (!names(fault, record)) list.push_back(std::move(record));
      }
      return list;
    case FaultKind::duplicate_records:
      for (const auto& record : records) {
        list.push_back(record);
        if (!fault.jobs.empty() && !names(fault, record)) continue;
        list.push_back(fault.body.empty() ? record : with_status(record, fault.body));
      }
      return list;
    case FaultKind::malformed_records:
      if (!fault.jobs.empty()) break;
      list.assign(std::begin(kUnusable), std::end(kUnusable));
      list.insert(list.end(), records.begin(), records.end());
      return list;
    default:
      break;
  }
  for (auto& record : records) {
    if (fault.jobs.empty() || names(fault, record)) record = mangle_record(fault, record);
  }
  return records;
}

std::vector<InstanceType> mangle_prices(const Fault& fault, std::vector<InstanceType> types) {
  for (auto& type : types) {
    switch (fault.kind) {
      case FaultKind::prices_zero:
        type.price = "0";
        break;
      case FaultKind::prices_negative:
        type.price = "-" + type.price;
        break;
      case FaultKind::prices_thousandfold:
        type.price = fmt::format("{:.6g}", 1000 * std::strtod(type.price.c_str(), nullptr));
        break;
      case FaultKind::prices_untyped:
        type.price = &type == types.data() ? "\"" + type.price + " USD\"" : "null";
        break;
      case FaultKind::prices_missing:
        type.price.clear();
        break;
      case FaultKind::huge_numbers:
        type.price = "1e400";
        break;
      case FaultKind::empty_list:
        type.priced = false;
        break;
      case FaultKind::partial_list:
        type.priced = std::find(fault.jobs.begin(), fault.jobs.end(), type.id) != fault.jobs.end();
        break;
      default:
        break;
    }
  }
  return types;
}

std::string mangle_body(const Fault& fault, std::string body) {
  switch (fault.kind) {
    case FaultKind::bom:
      return "\xEF\xBB\xBF" + body;
    case FaultKind::trailing_data:
      return body + R"({"training_jobs":[]})";
    case FaultKind::deep_nesting:
      return with_members(std::move(body),
                          R"("deep":)" + std::string(100'000, '[') + std::string(100'000, ']'));
    case FaultKind::bad_utf8:
      return with_members(std::move(body), "\"note\":\"\xC0\xAF\xFF\"");
    default:
      return body;
  }
}

}  // namespace trainstop::sim
