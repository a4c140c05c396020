using System.Collections.Concurrent;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Avatars;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Passes;
using Laurel.Membership.Profiles;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Platform.Files;
using Laurel.Platform.Pictures;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Profiles;

/// <summary>Pictures of members and the files that they lie in, and cards that are scanned, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class AvatarsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly StatusCause s_why = new("test", "olga");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KeepTheLastOneAlone_When_ManyAreSentAndCleared()
    {
        await using var desk = await OpenAsync("replaced");
        var files = new FilesInMemory();
        var (member, other) = (await desk.NewMemberAsync("replaced", 0), await desk.NewMemberAsync("other", 0));
        var others = await KeptAsync(desk, files, other);

        var sent = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => KeptAsync(desk, files, member)));
        await ClearAsync(desk, files);

        // Of two that came in one batch the first was never kept, and goes after its day.
        desk.Advance(AvatarStoring);
        await ClearAsync(desk, files);
        var last = (await desk.ReadAsync(member)).Profile!.Avatar.ShouldNotBeNull();
        sent.ShouldContain(last);
        files.Addresses.ShouldBe([last, others], ignoreOrder: true);
        await desk.VerifyPersonsAsync();

        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Nickname = "the same picture" }));
        await ClearAsync(desk, files);
        files.Addresses.ShouldBe([last, others], ignoreOrder: true);
        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Clear = ["avatar"] }));
        await ClearAsync(desk, files);
        files.Addresses.ShouldBe([others]);
        (await desk.CountRemovalsAsync()).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task LeaveNothingBehind_When_StoringBreaksOffOrIsRefused()
    {
        await using var desk = await OpenAsync("broken");
        var files = new FilesInMemory();
        var member = await desk.NewMemberAsync("broken", 0);
        var first = await KeptAsync(desk, files, member);

        files.Fails = true;
        (await StoreOf(desk, files).KeepAsync(ProfileDesk.Tenant, member, ProfilePicture, false, Cancellation)).Outcome
            .ShouldBeOfType<Outcome.Failed>().Refusal.Code.ShouldBe("FILE_STORE_UNAVAILABLE");
        await Should.ThrowAsync<FileStoreUnavailableException>(async () =>
        {
            desk.Advance(TimeSpan.FromDays(2));
            await ClearingOf(desk, files).RunAsync(Cancellation);
        });
        files.Fails = false;
        await desk.AppliedAsync(new SetStatus(ProfileDesk.Tenant, MemberReference.ById(member), MemberStatus.Banned, s_why, desk.Books));
        (await StoreOf(desk, files).KeepAsync(ProfileDesk.Tenant, member, ProfilePicture, false, Cancellation)).Outcome
            .ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("MEMBER_INACTIVE");

        files.Addresses.Count.ShouldBe(2);
        desk.Advance(TimeSpan.FromMinutes(1));
        (await ClearAsync(desk, files)).ShouldBe(1);
        files.Addresses.Count.ShouldBe(2);
        desk.Advance(AvatarStoring);
        (await ClearAsync(desk, files)).ShouldBe(1);
        files.Addresses.ShouldBe([first]);
        (await desk.CountRemovalsAsync()).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task GoWithoutTheOneThatStays_When_TheStoreLetsOneNotGo()
    {
        await using var desk = await OpenAsync("stubborn");
        var files = new FilesInMemory();
        var members = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => desk.NewMemberAsync("stubborn " + i, 0)));
        foreach (var member in members)
        {
            await KeptAsync(desk, files, member);
            await desk.AppliedAsync(desk.Change(member, new ProfileChange { Clear = ["avatar"] }));
        }

        files.Stubborn = files.Addresses[0];
        var clearing = ClearingOf(desk, files);
        await Should.ThrowAsync<FileStoreUnavailableException>(() => clearing.RunAsync(Cancellation));
        files.Addresses.ShouldBe([files.Stubborn]);
        foreach (var minutes in (int[])[1, 2, 4])
        {
            (await clearing.RunAsync(Cancellation)).ShouldBe(0, "it waits");
            desk.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            (await clearing.RunAsync(Cancellation)).ShouldBe(0, "it waits");
            desk.Advance(TimeSpan.FromSeconds(1));
            await Should.ThrowAsync<FileStoreUnavailableException>(() => clearing.RunAsync(Cancellation));
        }

        files.Stubborn = null;
        desk.Advance(TimeSpan.FromMinutes(8));
        (await clearing.RunAsync(Cancellation)).ShouldBe(1);
        (await desk.CountRemovalsAsync()).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task GoWithThePerson_When_MembersAreMergedAndLeave()
    {
        await using var desk = await OpenAsync("left");
        var files = new FilesInMemory();
        var (from, into) = (await desk.NewMemberAsync("from", 0), await desk.NewMemberAsync("into", 0));
        var (theirs, mine) = (await KeptAsync(desk, files, from), await KeptAsync(desk, files, into));

        await desk.AppliedAsync(new MergeMembers(
            ProfileDesk.Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest("m-1", "one person", "olga"), desk.Books));
        (await desk.ReadAsync(into)).Profile!.Avatar.ShouldBe(mine);
        var late = await KeptAsync(desk, files, from);
        (await desk.ReadAsync(into)).Profile!.Avatar.ShouldBe(late);
        await ClearAsync(desk, files);
        files.Addresses.ShouldBe([theirs, late], ignoreOrder: true);
        await desk.VerifyPersonsAsync();

        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(into), s_why, desk.Books));
        desk.Advance(TimeSpan.FromDays(8));
        (await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, Cancellation)).ShouldBe(1);
        (await ClearAsync(desk, files)).ShouldBe(2);
        files.Addresses.ShouldBeEmpty();
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreTakenOnceAndOnlyForward_When_CodesAreScanned()
    {
        await using var desk = await OpenAsync("scans");
        var (member, other) = (await desk.NewMemberAsync("scanned", 0), await desk.NewMemberAsync("unseen", 0));
        var step = PassCode.StepOf(Instant.Now(desk.Clock));
        var key = new IdempotencyKey(Hash128.Of(1, "idempotency", "till"), Hash128.Of(1, "request", "till"));
        ScanPass Scan(long made, IdempotencyKey? under = null, bool isExpired = false) => new(ProfileDesk.Tenant, member, made, isExpired) { Idempotency = under };

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => desk.SubmitAsync(Scan(step))));
        outcomes.OfType<Outcome.Applied>().ShouldHaveSingleItem();
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).Distinct().ShouldBe(["PASS_USED"]);
        (await desk.RefusedAsync(Scan(step - 1))).ShouldBe("PASS_USED");
        await desk.AppliedAsync(Scan(step + 1, key));
        (await desk.SubmitAsync(Scan(step + 1, key))).ShouldBeOfType<Outcome.Replayed>().Reply.Applied.ShouldBeTrue();
        (await desk.SubmitAsync(Scan(step + 1, key, isExpired: true))).ShouldBeOfType<Outcome.Replayed>().Reply.Applied.ShouldBeTrue();
        (await desk.RefusedAsync(Scan(step + 2, isExpired: true))).ShouldBe("PASS_EXPIRED");
        await desk.AppliedAsync(new ScanPass(ProfileDesk.Tenant, other, step, isExpired: false));
        await desk.VerifyPersonsAsync();
    }

    private static TimeSpan AvatarStoring { get; } = TimeSpan.FromDays(1);

    private static Picture ProfilePicture { get; } = new(PictureKind.Png, 1, 1, [1, 2, 3]);

    private Task<MoneyDatabase> OpenAsync(string name) => ProfileDesk.OpenAsync(kind, databases, "avatar_" + name);

    private static AvatarStore StoreOf(MoneyDatabase desk, FilesInMemory files) => new(desk.Node.Lanes, files, desk.Node.Secrets, desk.Books, desk.Clock);

    private static FileClearing ClearingOf(MoneyDatabase desk, FilesInMemory files) => new(desk.Database, desk.Node.Lanes, files, desk.Clock);

    private static Task<int> ClearAsync(MoneyDatabase desk, FilesInMemory files) => ClearingOf(desk, files).RunAsync(Cancellation);

    internal static async Task<string> KeptAsync(MoneyDatabase desk, FilesInMemory files, MemberId member)
    {
        var (address, outcome) = await StoreOf(desk, files).KeepAsync(ProfileDesk.Tenant, member, ProfilePicture, false, Cancellation);
        outcome.ShouldBeOfType<Outcome.Applied>();
        return address;
    }
}

/// <summary>A sound database with pictures and scans passes; one thing changed by hand is found.</summary>
public sealed class VerifyingFilesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData(
        "a kept file that is to be removed",
        "INSERT INTO file_removals SELECT tenant_id, avatar_file, 0 FROM personal_data WHERE avatar_file IS NOT NULL",
        "file_removals")]
    [InlineData("a file of two members", "UPDATE personal_data SET avatar_file = (SELECT MAX(avatar_file) FROM personal_data)", "personal_data")]
    [InlineData("a file without a profile", "UPDATE personal_data SET profile = NULL", "personal_data")]
    [InlineData("a scan of nobody", "UPDATE pass_scans SET id = 7", "pass_scans")]
    public async Task IsFound_When_AFileIsChangedByHand(string what, string sql, string table)
    {
        await using var desk = await ProfileDesk.OpenAsync(DatabaseUnderTest.Sqlite, databases, "spoilt_files");
        var (one, two) = (await desk.NewMemberAsync("one", 0), await desk.NewMemberAsync("two", 0));
        await AvatarsContract.KeptAsync(desk, new FilesInMemory(), one);
        await AvatarsContract.KeptAsync(desk, new FilesInMemory(), two);
        await desk.AppliedAsync(new ScanPass(ProfileDesk.Tenant, one, 5, isExpired: false));
        await desk.VerifyPersonsAsync();

        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);
        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I33).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}

/// <summary>A store that may fail.</summary>
internal sealed class FilesInMemory : IFileStore
{
    private readonly ConcurrentDictionary<FileName, byte[]> _files = [];

    public bool Fails { get; set; }

    /// <summary>Where the file would be answered that cannot be removed; null where all can.</summary>
    public string? Stubborn { get; set; }

    /// <summary>Where the files that there are would be answered.</summary>
    public IReadOnlyList<string> Addresses => [.. _files.Keys.Select(name => "/files/" + name)];

    public Task KeepAsync(FileName name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Answer();
        _files.TryAdd(name, bytes.ToArray()).ShouldBeTrue("A file is written once.");
        return Task.CompletedTask;
    }

    public Task<byte[]?> FindAsync(FileName name, CancellationToken cancellationToken)
    {
        Answer();
        return Task.FromResult(_files.GetValueOrDefault(name));
    }

    public Task RemoveAsync(FileName name, CancellationToken cancellationToken)
    {
        Answer();
        if (Stubborn == "/files/" + name)
        {
            throw new FileStoreUnavailableException("It stays on purpose.");
        }

        _files.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    private void Answer()
    {
        if (Fails)
        {
            throw new FileStoreUnavailableException("It fails on purpose.");
        }
    }
}

public sealed class AvatarsOnSqliteTests(NamedDatabases databases) : AvatarsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class AvatarsOnPostgresTests(NamedDatabases databases) : AvatarsContract(DatabaseUnderTest.Postgres, databases);

public sealed class AvatarsOnMySqlTests(NamedDatabases databases) : AvatarsContract(DatabaseUnderTest.MySql, databases);
