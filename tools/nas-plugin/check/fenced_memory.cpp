// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/fenced_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace sotto::check {

FencedMemory::~FencedMemory() {
    for (const Piece& piece : pieces_) {
        munmap(piece.pages, piece.mapped);
    }
}

void* FencedMemory::take(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t usable = (bytes + page - 1) / page * page;
    void* const pages =
        mmap(nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) {
        throw std::bad_alloc();
    }
    pieces_.push_back({pages, usable + (behind_ == Behind::room ? page : 0), usable + page});
    if (behind_ == Behind::fence) {
        mprotect(static_cast<char*>(pages) + usable, page, PROT_NONE);
    }
    return static_cast<char*>(pages) + usable - bytes;
}

void FencedMemory::protect(int protection) {
    for (const Piece& piece : pieces_) {
        mprotect(piece.pages, piece.bytes, protection);
    }
}

void FencedMemory::make_read_only() {
    protect(PROT_READ);
}

void FencedMemory::take_away() {
    protect(PROT_NONE);
}

const sotto_candidate* copy_candidate(FencedMemory& memory, const sotto_candidate& from) {
    sotto_candidate candidate = from;
    if (from.network != nullptr) {
        sotto_network network = *from.network;
        network.layers = memory.copy(network.layers, network.layer_count);
        network.operand_layers = memory.copy(network.operand_layers, network.operand_count);
        candidate.network = memory.copy(network);
    }
    if (from.program != nullptr) {
        sotto_program program = *from.program;
        program.operations = memory.copy(program.operations, program.operation_count);
        candidate.program = memory.copy(program);
    }
    return memory.copy(candidate);
}

}  // namespace sotto::check
