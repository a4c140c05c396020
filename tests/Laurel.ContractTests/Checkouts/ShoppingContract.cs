using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Checkouts;

/// <summary>Coupons, checkouts and benefits under random calls, on one database: each outcome and each standing agrees with books kept by hand, and
/// every invariant is kept.</summary>
public abstract class ShoppingContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData(1)]
    [InlineData(20_261_122)]
    public async Task AgreesWithBooksKeptByHand_When_CallsAreRandom(int seed)
    {
        await using var shop = await MoneyDatabase.OpenAsync(kind, databases, $"shopping_{seed}", programme: RandomShopping.Programme);

        await new RandomShopping(shop, seed).RunAsync(1_500);

        var report = await new Verifier(shop.Database).RunAsync(null, TestContext.Current.CancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        foreach (var code in (InvariantCode[])[InvariantCode.I15, InvariantCode.I17, InvariantCode.I19])
        {
            report.Invariants.Single(invariant => invariant.Code == code).Checked.ShouldBeGreaterThan(0, $"{code}");
        }
    }
}

public sealed class ShoppingOnSqliteTests(NamedDatabases databases) : ShoppingContract(DatabaseUnderTest.Sqlite, databases);

public sealed class ShoppingOnPostgresTests(NamedDatabases databases) : ShoppingContract(DatabaseUnderTest.Postgres, databases);

public sealed class ShoppingOnMySqlTests(NamedDatabases databases) : ShoppingContract(DatabaseUnderTest.MySql, databases);
