using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

public sealed class LaneQueueTests
{
    private const int Capacity = 16;

    private readonly LaneQueue _queue = new(Capacity);

    [Fact]
    public void Busy_When_AsManyWaitAsItHolds()
    {
        for (var member = 0; member < Capacity; member++)
        {
            Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member)));
        }

        Assert.Equal("BUSY", _queue.TryEnqueue(CommandOf(tenant: 1, member: 99)));
    }

    [Fact]
    public void MemberIsBusy_When_AQuarterIsItsOwn()
    {
        for (var i = 0; i < Capacity / 4; i++)
        {
            Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member: 7)));
        }

        Assert.Equal("QUOTA_MEMBER_BUSY", _queue.TryEnqueue(CommandOf(tenant: 1, member: 7)));
        Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member: 8)));
    }

    [Fact]
    public void TenantIsBusy_When_HalfIsItsOwnAndAnotherWaits()
    {
        Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 2, member: 1)));
        for (var member = 0; member < Capacity / 2; member++)
        {
            Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member)));
        }

        Assert.Equal("BUSY", _queue.TryEnqueue(CommandOf(tenant: 1, member: 99)));
        Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 2, member: 2)));
    }

    [Fact]
    public void RequestIsTakenWhole_When_ItAloneExceedsEveryShare()
    {
        var request = Enumerable.Range(0, 3 * Capacity).Select(_ => CommandOf(tenant: 1, member: 7)).ToArray();

        Assert.All(_queue.TryEnqueue(request), Assert.Null);
        Assert.All(_queue.TryEnqueue([CommandOf(tenant: 1, member: 8)]), code => Assert.Equal("BUSY", code));
    }

    [Fact]
    public void OnlyTheBusyMemberIsRefused_When_ARequestNamesOthersToo()
    {
        for (var i = 0; i < Capacity / 4; i++)
        {
            Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member: 7)));
        }

        var codes = _queue.TryEnqueue([CommandOf(tenant: 1, member: 7), CommandOf(tenant: 1, member: 8), CommandOf(tenant: 1, member: 7)]);

        codes.ShouldBe(["QUOTA_MEMBER_BUSY", null, "QUOTA_MEMBER_BUSY"]);
    }

    [Fact]
    public async Task SharesAreFreeAgain_When_TheLaneHasTakenThem()
    {
        var request = Enumerable.Range(0, Capacity).Select(_ => CommandOf(tenant: 1, member: 7)).ToArray();
        Assert.All(_queue.TryEnqueue(request), Assert.Null);
        var taken = new List<Pending>();

        Assert.True(await _queue.TakeAsync(taken, 2 * Capacity));

        Assert.Equal(request, taken);
        Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member: 7)));
    }

    [Fact]
    public async Task WhatWaitsIsStillTaken_When_ItIsClosed()
    {
        Assert.Null(_queue.TryEnqueue(CommandOf(tenant: 1, member: 1)));
        _queue.Close();
        var taken = new List<Pending>();

        Assert.Equal("BUSY", _queue.TryEnqueue(CommandOf(tenant: 1, member: 2)));
        Assert.True(await _queue.TakeAsync(taken, Capacity));
        Assert.Single(taken);
        Assert.False(await _queue.TakeAsync(taken, Capacity));
    }

    private static Pending CommandOf(int tenant, long member) => new(new Named(new TenantId(tenant), member), 0, CancellationToken.None);

    private sealed class Named(TenantId tenant, long member) : Command(tenant)
    {
        public override long FairnessKey => member;

        public override void NameHandles(HandleResolution handles) => throw new NotSupportedException();

        public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => throw new NotSupportedException();

        public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => throw new NotSupportedException();

        public override void Plan(WorkingSet set, LoadPlan plan) => throw new NotSupportedException();

        public override Decision Decide(Draft draft, LoadPlan plan) => throw new NotSupportedException();

        public override (byte[] Body, long RootId) Freeze(object reply) => throw new NotSupportedException();
    }
}
