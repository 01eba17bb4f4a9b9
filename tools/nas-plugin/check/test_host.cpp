// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/test_host.hpp"

#include <thread>
#include <vector>

#include "engine/plugin/error_text.hpp"

namespace sotto::check {
namespace {

thread_local bool is_within_body = false;

TestHost& self(const sotto_host* host) {
    return *static_cast<TestHost*>(host->host_data);
}

}  // namespace

TestHost::TestHost() {
    host_ = {sizeof(sotto_host),
             0,
             this,
             "nas-plugin check",
             &TestHost::log,
             &TestHost::is_cancelled,
             &TestHost::parallel_for,
             &TestHost::get_extension};
}

std::string TestHost::misuse() const {
    const std::lock_guard lock(mutex_);
    return misuse_;
}

void TestHost::note(const char* misuse) {
    const std::lock_guard lock(mutex_);
    if (misuse_.empty()) {
        misuse_ = misuse;
    }
}

void TestHost::expect_open(const char* service) {
    if (is_closed_) {
        note(service);
    }
}

void TestHost::log(const sotto_host* host, std::int32_t level, const char* text) noexcept {
    TestHost& test = self(host);
    test.expect_open("log was called after destroy and deinit");
    if (text == nullptr) {
        test.note("log was given a null text");
    }
    if (level < SOTTO_LOG_DEBUG || level > SOTTO_LOG_WARNING) {
        test.note("log was given a level that is none of SOTTO_LOG_");
    }
}

std::int32_t TestHost::is_cancelled(const sotto_host* host) noexcept {
    TestHost& test = self(host);
    test.expect_open("is_cancelled was called after destroy and deinit");
    return test.is_cancelled_ ? 1 : 0;
}

bool TestHost::run(std::uint32_t index, void (*body)(void* data, std::uint32_t index), void* data) {
    is_within_body = true;
    const std::string exception = plugin::escaped_exception([&] { body(data, index); });
    is_within_body = false;
    if (!exception.empty()) {
        note("a body of parallel_for let an exception escape");
    }
    return exception.empty();
}

sotto_status TestHost::parallel_for(const sotto_host* host, std::uint32_t count,
                                    void (*body)(void* data, std::uint32_t index), void* data) noexcept {
    TestHost& test = self(host);
    test.expect_open("parallel_for was called after destroy and deinit");
    ++test.loop_count_;
    if (is_within_body) {
        test.note("a body of parallel_for called parallel_for");
        return SOTTO_UNSUPPORTED;
    }
    if (body == nullptr) {
        test.note("parallel_for was given a null body");
        return SOTTO_UNSUPPORTED;
    }
    switch (test.loops_.load()) {
        case Loops::refused:
            return SOTTO_UNSUPPORTED;
        case Loops::backwards:
            while (count > 0) {
                test.run(--count, body, data);
            }
            return SOTTO_OK;
        case Loops::on_threads:
            break;
    }
    constexpr int thread_count = 4;
    std::atomic<std::uint64_t> next = 0;
    std::vector<std::jthread> threads;
    threads.reserve(thread_count);
    for (int i = 0; i < thread_count; ++i) {
        threads.emplace_back([&] {
            for (std::uint64_t index = next++; index < count; index = next++) {
                test.run(static_cast<std::uint32_t>(index), body, data);
            }
        });
    }
    return SOTTO_OK;  // the threads are joined before this returns
}

const void* TestHost::get_extension(const sotto_host* host, const char* id) noexcept {
    TestHost& test = self(host);
    test.expect_open("get_extension of the host was called after destroy and deinit");
    if (id == nullptr) {
        test.note("get_extension of the host was given a null id");
    }
    return nullptr;
}

}  // namespace sotto::check
