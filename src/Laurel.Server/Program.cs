using System.CommandLine;
using Laurel.Server.Verbs;

var root = new RootCommand("Laurel: a self-hosted membership and loyalty engine. Without a verb it serves.")
{
    VerbOptions.Data,
    VerbOptions.Urls,
    VerbOptions.Roles,
    ServeVerb.Create(),
    MigrateVerb.Create(),
    SweepVerb.Create(),
    PartitionsVerb.Create(),
    VerifyVerb.Create(),
    DoctorVerb.Create(),
    ImportVerb.Create(),
    ExportVerb.Create(),
    FinanceVerb.Create(),
    EventsVerb.Create(),
    AuditVerb.Create(),
    ProgrammeVerb.Create(),
    SimulateVerb.Create(),
    WatchVerb.Create(),
    KeysVerb.Create(),
    VaultVerb.Create(),
    BackupVerb.Create(),
    RestoreVerb.Create(),
    HealthVerb.Create(),
};
root.SetAction(ServeVerb.RunAsync);

// A node that drains ends when it has finished; it must not be cut off before.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(11) });
