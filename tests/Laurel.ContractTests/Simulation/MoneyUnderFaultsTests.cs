using System.Security.Cryptography;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Simulation;

/// <summary>Every command of stored money on a store that fails by a seed: each outcome is that of books kept by hand, and in the end every
/// invariant holds.</summary>
public sealed class MoneyUnderFaultsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-money-faults-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AgreesWithBooksKeptByHand_When_TheStoreFails(int seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var (clock, ids) = (new SettableClock(), new Random(seed));
        var inner = new SqliteDatabase(Path.Combine(_folder.FullName, "laurel.db"), readOnly: false);
        await new Migrator(inner, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], clock).ApplyAsync(cancellationToken);
        var books = new MemberBooks(new ProgrammeKind());
        var rules = new BalanceRules { WithdrawalDayCountMax = 1_000_000, WithdrawalDayAmountMax = long.MaxValue / 2 };
        await new ProgrammeStore(inner, books.Programmes, clock)
            .EnsureAsync(MoneyDesk.Tenant, "default", "Default", _ => new Programme { Balance = rules }, cancellationToken);
        using var vault = new PersonalDataVault(MasterKeys.Load(_folder.FullName, null, RandomNumberGenerator.Create()), RandomNumberGenerator.Create());
        await using var faulty = new FaultyDatabase(inner, new Random(seed + 1_000), faultRate: 0.5);
        var generator = new IdGenerator(clock, 0);
        await using (var lanes = new LaneSet(
            faulty, new LaneOptions { AttemptsMax = 60 }, () => generator, clock, ids, new EventSink(new EventHub(NullLogger<EventHub>.Instance)), NullLogger<LaneSet>.Instance))
        {
            await new RandomMoney(new MoneyDesk(lanes, faulty, books, vault, clock), seed).RunAsync(800);
        }

        faulty.Injected.Count.ShouldBeGreaterThan(4, $"seed {seed}: {string.Join(", ", faulty.Injected)}");
        var report = await new Verifier(inner).RunAsync(null, cancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }
}
