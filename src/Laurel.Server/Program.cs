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
    VerifyVerb.Create(),
    DoctorVerb.Create(),
    ImportVerb.Create(),
    ExportVerb.Create(),
    EventsVerb.Create(),
    BackupVerb.Create(),
    RestoreVerb.Create(),
    HealthVerb.Create(),
};
root.SetAction(ServeVerb.RunAsync);
return await root.Parse(args).InvokeAsync();
