using System.Text.Json;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Profiles;

/// <summary>That a profile is complete is told exactly once, whatever completes it and whatever breaks off, on one database. The standard rule pays 50 for it.</summary>
public abstract class CompletionsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IsPaidOnce_When_ProfilesAreCompletedAndNobodyTellsAtOnce()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "completed");
        var members = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => desk.NewMemberAsync("completed " + i, 0)));
        var partly = await desk.NewMemberAsync("partly", 0);
        var before = await PointsAsync(desk, partly);
        await desk.AppliedAsync(desk.Change(partly, new ProfileChange { Nickname = "only" }));
        await Task.WhenAll(members.Select(member => desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything))));
        await desk.AppliedAsync(desk.Change(members[0], new ProfileChange { Nickname = "again" }));
        (await PointsAsync(desk, members[0])).ShouldBe(before, "whoever completed it broke off before it was told");
        await desk.VerifyPersonsAsync();

        (await TellAsync(desk)).ShouldBe(20);
        (await TellAsync(desk)).ShouldBe(0);
        await desk.AppliedAsync(desk.Change(members[0], new ProfileChange { Nickname = "once more" }));
        (await TellAsync(desk)).ShouldBe(1);
        foreach (var member in members)
        {
            (await PointsAsync(desk, member)).ShouldBe(before + 50);
        }

        (await PointsAsync(desk, partly)).ShouldBe(before);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task IsPaidOnce_When_AMemberIsRegisteredWithACompleteProfile()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "registered");
        var before = await PointsAsync(desk, await desk.NewMemberAsync("plain", 0));
        var request = new RegisterRequest
        {
            ExternalId = "whole",
            Nickname = "小明",
            Phone = ProfileDesk.Phone,
            Email = null,
            RegisteredAt = Instant.Now(desk.Clock),
            Profile = MemberProfile.Empty with
            {
                Birthday = new DateOnly(1990, 5, 12),
                Attributes = new Dictionary<string, JsonElement> { ["shoe"] = JsonSerializer.SerializeToElement(42) },
            },
        };
        var reply = (MemberReply)await desk.AppliedAsync(new RegisterMember(MoneyDesk.Tenant, request, desk.Books, desk.Node.Vault));
        MemberId.TryParse(reply.Id, out var member).ShouldBeTrue();

        (await TellAsync(desk)).ShouldBe(1);
        (await PointsAsync(desk, member)).ShouldBe(before + 50);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task IsForgotten_When_TheMemberLeavesBeforeItIsTold()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "gone");
        var member = await desk.NewMemberAsync("gone", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        (await desk.CountAsync("profile_completions", member)).ShouldBe(1);
        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(member), new StatusCause("test", "olga"), desk.Books));
        desk.Advance(TimeSpan.FromDays(8));
        await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, Cancellation);

        (await desk.CountAsync("profile_completions", member)).ShouldBe(0);
        (await TellAsync(desk)).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    private static Task<int> TellAsync(MoneyDatabase desk) => new ProfileCompletions(desk.Database, desk.Node.Lanes, desk.Books).RunAsync(Cancellation);

    private static async Task<long> PointsAsync(MoneyDatabase desk, MemberId member) => (await desk.ReadAsync(member)).Points.Available;
}

public sealed class CompletionsOnSqliteTests(NamedDatabases databases) : CompletionsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class CompletionsOnPostgresTests(NamedDatabases databases) : CompletionsContract(DatabaseUnderTest.Postgres, databases);

public sealed class CompletionsOnMySqlTests(NamedDatabases databases) : CompletionsContract(DatabaseUnderTest.MySql, databases);

/// <summary>What is to be told of nobody is found.</summary>
public sealed class VerifyingCompletionsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task IsFound_When_WhatIsToBeToldIsOfNobody()
    {
        await using var desk = await ProfileDesk.OpenAsync(DatabaseUnderTest.Sqlite, databases, "stray");
        var member = await desk.NewMemberAsync("stray", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        await desk.VerifyPersonsAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, "UPDATE profile_completions SET member_id = 7")).ShouldBeGreaterThan(0);

        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I27).Offences.ShouldContain(offence => offence.Table == "profile_completions");
    }
}
