// Job records as the API writes them, for the tests of this folder.
#pragma once

#include <string>

namespace trainstop::baseten {

/// All fields of the present schema.
inline std::string full_record(const std::string& id = "p7qr9qv",
                               const std::string& status = "TRAINING_JOB_RUNNING") {
  return R"({"id":")" + id + R"(","created_at":"2026-11-23T20:56:04.123456Z","current_status":")" +
         status +
         R"(","error_message":null,"instance_type":{"id":"H100:8x80","name":"H100:8x80",)"
         R"("memory_limit_mib":1,"millicpu_limit":2,"gpu_count":8,"gpu_type":"H100",)"
         R"("gpu_memory_limit_mib":81920},"node_count":2,"updated_at":"2026-11-23T21:00:00+01:00",)"
         R"("training_project_id":"proj1","training_project":{"id":"proj1","name":"llm"},)"
         R"("name":"run \"7\"","checkpoint_sync_status":"SYNCING","priority":-3,)"
         R"("availability_model":"SPOT","user":{"email":"ana@corp.example"}})";
}

/// What older replies hold: no optional field at all.
inline std::string old_record(const std::string& id = "p7qr9qv") {
  return R"({"id":")" + id +
         R"(","created_at":"2026-11-23T20:56:04Z","current_status":"TRAINING_JOB_RUNNING",)"
         R"("instance_type":{"id":"A10","name":"A10","memory_limit_mib":1,"millicpu_limit":2,)"
         R"("gpu_count":0,"gpu_type":null,"gpu_memory_limit_mib":null},)"
         R"("updated_at":"2026-11-23T20:56:04Z","training_project_id":"proj1",)"
         R"("training_project":{"id":"proj1","name":"llm"}})";
}

/// The record with `from` replaced by `to`, once.
inline std::string changed(std::string record, const std::string& from, const std::string& to) {
  const std::size_t at = record.find(from);
  return at == std::string::npos ? std::string{} : record.replace(at, from.size(), to);
}

}  // namespace trainstop::baseten
